//! The container image: the static program and nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{dist, is_there, program, root, run, run_expecting};
use crate::Result;

const NAME: &str = concat!("seaworthy:", env!("CARGO_PKG_VERSION"));

/// Builds the program for the image, and the image where buildah is there: it needs no daemon and, for an image from
/// scratch, no network.
pub(crate) fn image() -> Result<String> {
    let containerfile = root().join("deploy/Containerfile");
    let label = concat!("image.version=\"", env!("CARGO_PKG_VERSION"), "\"");
    if !fs::read_to_string(&containerfile)?.contains(label) {
        return Err(format!("{} should have the label {label}", containerfile.display()).into());
    }
    let context = dist()?.join("image");
    fs::create_dir_all(&context)?;
    let program = context.join("seaworthy");
    program::build(&program)?;
    program::try_out(&program)?;
    if !is_there("buildah") {
        return Ok(format!("{}: ready; the image is not built: no buildah", context.display()));
    }

    let store = Store(dist()?.join("store"));
    if store.0.exists() {
        // Of a build that failed.
        fs::remove_dir_all(&store.0)?;
    }
    let build = ["build", "--isolation", "chroot", "--build-arg", "PROGRAM=prebuilt", "--tag", NAME, "--file"];
    run(store.buildah(&build).arg(containerfile).arg(context))?;
    try_out(&store)?;
    let archive = dist()?.join("seaworthy-image.tar");
    if archive.exists() {
        // buildah adds to an archive that is there, and then complains that it holds the image twice.
        fs::remove_file(&archive)?;
    }
    run(store.buildah(&["push", NAME]).arg(format!("docker-archive:{}:{NAME}", archive.display())))?;
    fs::remove_dir_all(&store.0)?;
    let files = files(&archive)?;
    if files != ["seaworthy"] {
        return Err(format!("the image should hold the program alone, not {files:?}").into());
    }
    Ok(format!("{}: {NAME}, {} bytes", archive.display(), fs::metadata(&archive)?.len()))
}

/// Runs the image on mounted manifests, as the user that it names.
fn try_out(store: &Store) -> Result<()> {
    let user = run(&mut store.buildah(&["inspect", "--format", "{{.OCIv1.Config.User}}", NAME]))?.out;
    if user.trim() != "65532:65532" {
        return Err(format!("the image should run as 65532:65532, not as {user}").into());
    }
    let container = run(&mut store.buildah(&["from", NAME]))?.out;
    let container = container.trim();
    let fleet = root().join("fixtures/fleets/fleetman-broken").canonicalize()?;
    let mount = format!("{}:/manifests:ro", fleet.display());
    let inside = |arguments: &[&str], code| {
        let mut buildah = store.buildah(&["run", "--isolation", "chroot", "--volume", &mount, container, "--"]);
        run_expecting(buildah.arg("/seaworthy").args(arguments), code)
    };
    inside(&["--version"], 0)?;
    inside(&["check", "/manifests"], 1)?;
    run(&mut store.buildah(&["rm", container]))?;
    Ok(())
}

/// The files of an image's layers.
fn files(archive: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in tar::Archive::new(fs::File::open(archive)?).entries()? {
        let entry = entry?;
        let layer = entry.header().entry_type().is_file() && entry.path()?.extension().is_some_and(|it| it == "tar");
        if layer {
            for file in tar::Archive::new(entry).entries()? {
                files.push(file?.path()?.display().to_string());
            }
        }
    }
    Ok(files)
}

/// Where buildah keeps images and containers until the archive is written.
struct Store(PathBuf);

impl Store {
    fn buildah(&self, arguments: &[&str]) -> Command {
        let mut buildah = Command::new("buildah");
        // The only driver that works anywhere, containers included.
        buildah.args(["--storage-driver", "vfs", "--root"]).arg(&self.0);
        buildah.arg("--runroot").arg(self.0.join("run")).args(arguments);
        buildah
    }
}
