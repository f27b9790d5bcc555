//! What the client points at.

use lsp_types::Position;
use seaworthy::source::SourceId;
use seaworthy::{View, Workspace};
use seaworthy_document::{Node, Spot};
use seaworthy_object::{Content, Object};

use crate::files::{File, Root};
use crate::server::{Document, Server};
use crate::targets::Places;

/// A byte of a file that a fleet holds.
pub(crate) struct Cursor<'q> {
    pub(crate) file: &'q File,
    pub(crate) root: &'q Root,
    pub(crate) offset: u32,
}

/// What stands there.
pub(crate) struct Under<'v> {
    pub(crate) spot: Spot<'v>,
    /// The object it lies in: one of Kubernetes, or one of our own documents.
    pub(crate) object: Option<&'v Object<'v>>,
    /// True for an object of Kubernetes.
    pub(crate) is_manifest: bool,
}

impl Server {
    /// The byte that a position names, with all edits taken in; none for a document that no fleet holds.
    pub(crate) fn cursor(&self, document: &Document, position: Position) -> Option<Cursor<'_>> {
        let file = self.files.get(&document.uri)?;
        let root = self.files.roots.get(file.root)?;
        root.key_of(&file.name)?;
        let offset = file.lines(self.client.unit).offset(file.text(), position);
        Some(Cursor { file, root, offset })
    }
}

impl Cursor<'_> {
    pub(crate) fn workspace(&self) -> &Workspace {
        &self.root.workspace
    }

    pub(crate) fn places<'q>(&self, server: &'q Server) -> Places<'q> {
        Places::new(&server.files, self.file.root, server.client.unit)
    }

    /// Looks at what stands under the cursor.
    pub(crate) fn under<'v>(&self, view: &View<'_, 'v>) -> Option<Under<'v>> {
        let id = view.id_of(&self.file.name)?;
        under(view, id, self.offset)
    }
}

fn under<'v>(view: &View<'_, 'v>, id: SourceId, offset: u32) -> Option<Under<'v>> {
    let mut documents = view.documents(id).iter().zip(view.contents(id));
    let (spot, content) = documents.find_map(|(document, content)| Some((document.spot(offset)?, content)))?;
    let (objects, is_manifest) = objects_of(content);
    let object = objects.iter().find(|it| is_inside(spot.node, it.root()));
    Some(Under { spot, object, is_manifest })
}

/// The objects of a document, and whether they are Kubernetes' own.
pub(crate) fn objects_of<'c, 'v>(content: &'c Content<'v>) -> (&'c [Object<'v>], bool) {
    match content {
        Content::Manifest(manifest) => (&manifest.objects, true),
        Content::Fleet(object) | Content::Policy(object) => (std::slice::from_ref(object), false),
        Content::Other(_) => (&[], false),
    }
}

/// True for a node of a tree that another one holds, and for that one itself.
pub(crate) fn is_inside(node: Node<'_>, root: Node<'_>) -> bool {
    std::iter::successors(Some(node), Node::parent).any(|it| it == root)
}
