//! Indexes, manifests and configs, and what tags named.

use lagvis::{
    image::{Digest, Reference},
    kept::Kind,
    opened::Document,
};
use wasm_bindgen::JsValue;

use super::{PART, Store, What, name_of};
use crate::browser::{clock, file, opfs::Folder};

/// The bytes of a document, if they are here and still what its digest says.
pub async fn recall_document(digest: &Digest) -> Option<Vec<u8>> {
    let kept = Folder::open().await.ok()?.file(&name_of(digest, What::Document)).await.ok()?;
    let bytes = file::read(&kept, 0, file::size(&kept)).ok()?.bytes().await.ok()?.to_vec();
    is_named(digest, &bytes).then_some(bytes)
}

fn is_named(digest: &Digest, bytes: &[u8]) -> bool {
    digest.hasher().is_some_and(|mut hasher| {
        hasher.update(bytes);
        hasher.finish() == *digest
    })
}

/// Name of a reference without its digest.
fn tag_name(reference: &Reference) -> Option<String> {
    reference.tag().map(|tag| format!("{}/{}:{tag}", reference.domain(), reference.path()))
}

/// What a tag named when it was last pulled.
pub async fn recall_tag(reference: &Reference) -> Option<Digest> {
    let name = tag_name(reference)?;
    Store::open().await.ok()?.ledger.told(&name).cloned()
}

/// Keeps an image's documents, and what its tag named. `root` is what the reference resolved to.
pub async fn keep_documents(
    documents: &[Document],
    reference: &Reference,
    root: Option<&Digest>,
) -> Result<(), JsValue> {
    let mut store = Store::open().await?;
    for document in documents {
        let bytes = document.text.as_bytes();
        let Some(digest) = document.digest.as_ref().filter(|digest| is_named(digest, bytes)) else { continue };
        let name = name_of(digest, What::Document);
        if store.folder.file(&name).await.is_err() {
            let part = store.folder.create(&format!("{PART}{name}")).await?;
            if let Err(error) = part.write(bytes) {
                part.discard().await;
                return Err(error);
            }
            part.rename(&name).await?;
        }
        store.ledger.touch(digest.clone(), Kind::Document, bytes.len() as u64, &reference.familiar(), clock::today());
    }
    // With a digest in the reference the tag beside it is only what someone wrote.
    if let (Some(name), Some(root), None) = (tag_name(reference), root, reference.digest()) {
        store.ledger.tell(&name, root.clone(), clock::today());
    }
    store.close().await
}
