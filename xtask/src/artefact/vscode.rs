//! The extension of VS Code as a VSIX: a zip with a manifest of its own, as `vsce` makes it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::npm::{self, node_modules};
use super::{dist, root, run};
use crate::Result;

/// What an extension host loads, and what the worker is made of: the file, its platform and its format.
const BUNDLES: [(&str, &str, &str); 3] =
    [("browser.ts", "browser", "cjs"), ("node.ts", "node", "cjs"), ("server.ts", "browser", "iife")];

/// What the worker is handed, and where it comes from.
const BESIDE: [(&str, &str); 3] = [
    ("lsp.wasm", "target/dist/npm/lsp.wasm"),
    ("rules.json", "target/dist/npm/rules.json"),
    ("descriptions.zlib", "target/dist/npm/descriptions.zlib"),
];

/// What people read in the gallery: the file, its name in the package, and the type under which the manifest lists it.
const READ: [(&str, &str, &str); 4] = [
    ("bindings/vscode/README.md", "readme.md", "Content.Details"),
    ("bindings/vscode/CHANGELOG.md", "changelog.md", "Content.Changelog"),
    ("LICENSE", "LICENSE.txt", "Content.License"),
    ("bindings/vscode/icon.png", "icon.png", "Icons.Default"),
];

const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension=".js" ContentType="application/javascript"/>
  <Default Extension=".json" ContentType="application/json"/>
  <Default Extension=".md" ContentType="text/markdown"/>
  <Default Extension=".png" ContentType="image/png"/>
  <Default Extension=".txt" ContentType="text/plain"/>
  <Default Extension=".vsixmanifest" ContentType="text/xml"/>
  <Default Extension=".wasm" ContentType="application/wasm"/>
  <Default Extension=".zlib" ContentType="application/zlib"/>
</Types>
"#;

/// Builds the extension on the npm package. `bindings/vscode/tests/run` tries it.
pub(crate) fn vscode() -> Result<String> {
    let engine = npm::build()?;
    let modules = node_modules()?;
    let source = root().join("bindings/vscode").canonicalize()?;
    // The compiler of types, and editors, look for packages above the sources.
    let link = source.with_file_name("node_modules");
    if !link.exists() {
        std::os::unix::fs::symlink(&modules, link)?;
    }
    run(Command::new(modules.join(".bin/tsc")).current_dir(&source))?;
    let staged = dist()?.join("vscode");
    for (entry, platform, format) in BUNDLES {
        let mut esbuild = Command::new(modules.join(".bin/esbuild"));
        esbuild.arg(format!("src/{entry}")).args(["--bundle", "--minify", "--target=es2022", "--log-level=warning"]);
        esbuild.args([
            "--external:vscode",
            "--external:node:worker_threads",
            "--log-override:empty-import-meta=silent",
        ]);
        esbuild.arg(format!("--alias:seaworthy/lsp={}", engine.join("lsp-browser.js").display()));
        esbuild.args([format!("--platform={platform}"), format!("--format={format}")]);
        run(esbuild.arg(format!("--outdir={}", staged.display())).current_dir(&source))?;
    }
    let package: Value = serde_json::from_slice(&fs::read(source.join("package.json"))?)?;
    let path = dist()?.join(format!("seaworthy-vscode-{}.vsix", text(&package, "/version")));
    write(&path, &package, &staged)?;
    Ok(format!("{}: {} bytes", path.display(), fs::metadata(&path)?.len()))
}

fn write(path: &Path, package: &Value, staged: &Path) -> Result<()> {
    let mut files: Vec<(String, PathBuf)> =
        vec![("package.json".to_owned(), root().join("bindings/vscode/package.json"))];
    files.extend(READ.map(|(from, name, _)| (name.to_owned(), root().join(from))));
    files.extend(BESIDE.map(|(name, from)| (format!("dist/{name}"), root().join(from))));
    for (entry, ..) in BUNDLES {
        let name = Path::new(entry).with_extension("js");
        files.push((format!("dist/{}", name.display()), staged.join(name)));
    }
    // Without the time of the build: the same sources give the same bytes.
    let options = SimpleFileOptions::default();
    let mut zip = ZipWriter::new(File::create(path)?);
    let mut add = |name: &str, bytes: &[u8]| -> Result<()> {
        zip.start_file(name, options)?;
        Ok(zip.write_all(bytes)?)
    };
    add("extension.vsixmanifest", manifest(package).as_bytes())?;
    add("[Content_Types].xml", CONTENT_TYPES.as_bytes())?;
    for (name, from) in files {
        add(&format!("extension/{name}"), &fs::read(&from).map_err(|error| format!("{}: {error}", from.display()))?)?;
    }
    zip.finish()?;
    Ok(())
}

/// What the gallery reads of the package. The tag tells that the extension runs in browsers.
fn manifest(package: &Value) -> String {
    let value = |pointer: &str| escaped(text(package, pointer));
    let list = |pointer: &str| {
        let items = package.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        escaped(&items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","))
    };
    let assets: String = READ
        .iter()
        .map(|(_, name, kind)| asset(&format!("Microsoft.VisualStudio.Services.{kind}"), name))
        .chain([asset("Microsoft.VisualStudio.Code.Manifest", "package.json")])
        .collect();
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="{name}" Version="{version}" Publisher="{publisher}"/>
    <DisplayName>{title}</DisplayName>
    <Description xml:space="preserve">{description}</Description>
    <Tags>{keywords},__web_extension</Tags>
    <Categories>{categories}</Categories>
    <GalleryFlags>Public</GalleryFlags>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="{engine}"/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionDependencies" Value=""/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionPack" Value=""/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="workspace,web"/>
      <Property Id="Microsoft.VisualStudio.Code.ExecutesCode" Value="true"/>
      <Property Id="Microsoft.VisualStudio.Services.GitHubFlavoredMarkdown" Value="true"/>
      <Property Id="Microsoft.VisualStudio.Services.Content.Pricing" Value="Free"/>
    </Properties>
    <License>extension/LICENSE.txt</License>
    <Icon>extension/icon.png</Icon>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Dependencies/>
  <Assets>
{assets}  </Assets>
</PackageManifest>
"#,
        name = value("/name"),
        version = value("/version"),
        publisher = value("/publisher"),
        title = value("/displayName"),
        description = value("/description"),
        keywords = list("/keywords"),
        categories = list("/categories"),
        engine = value("/engines/vscode"),
    )
}

fn asset(kind: &str, name: &str) -> String {
    format!("    <Asset Type=\"{kind}\" Path=\"extension/{name}\" Addressable=\"true\"/>\n")
}

fn text<'a>(package: &'a Value, pointer: &str) -> &'a str {
    package.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
