//! A store's file, damaged anywhere.

use motjuste::storage::ResponseKey;
use motjuste_store::{Address, open_to_read};
use tokio::runtime::{Builder, Runtime};

use crate::memory::folder;

/// The bytes are the file.
pub fn run(data: &[u8]) {
    let path = folder(&[("store.db", data)]).join("store.db");
    runtime().block_on(async {
        let Ok(address) = Address::parse(path.as_os_str()) else { return };
        let Ok(store) = open_to_read(&address).await else { return };
        for study in store.studies().await.unwrap_or_default() {
            let _ = store.events(&study).await;
        }
        let _ = store.recall(&ResponseKey([0; 32])).await;
    });
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime")
}
