//! The chart of the webhook, as helm installs it.

use std::fs;
use std::process::Command;

use super::{dist, files, root, run};
use crate::Result;

/// Packages the chart, and has helm render the package.
pub(crate) fn chart() -> Result<String> {
    // In a folder of its own: the npm package has the same name.
    let folder = dist()?.join("chart");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let built = run(Command::new(root().join("xtask/build-tools.sh")).arg("helm"))?;
    let helm = || Command::new(built.out.trim());
    run(helm().arg("package").arg(root().join("deploy/helm/seaworthy")).arg("--destination").arg(&folder))?;
    let packages = files(&folder, "tgz")?;
    let [package] = packages.as_slice() else { return Err(format!("one package was to be made: {packages:?}").into()) };
    let rendered = run(helm().args(["template", "seaworthy"]).arg(package).args(["--namespace", "seaworthy"]))?;
    if !rendered.out.contains("kind: ValidatingWebhookConfiguration") {
        return Err(format!("{} renders no webhook", package.display()).into());
    }
    Ok(format!("{}: {} bytes", package.display(), fs::metadata(package)?.len()))
}
