//! Rows of bytes in IndexedDB: one database, one object store, binary keys to binary values.
//!
//! Written through `web-sys` rather than a library, because the reason of an aborted commit must survive: a full disk
//! calls for another remedy than a broken one.

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomException, IdbDatabase, IdbFactory, IdbKeyRange, IdbObjectStore, IdbRequest, IdbTransaction,
};

use super::scope::scope;

const ROWS: &str = "rows";

/// Why the browser does not store or give back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum StoreError {
    #[error("the browser has no space left for this site")]
    Full,
    #[error("{0}")]
    Failed(String),
}

/// A row: its key and its value.
pub(super) type Row = (Vec<u8>, Vec<u8>);

/// A write to a row; `None` deletes it.
pub(super) type Write = (Vec<u8>, Option<Vec<u8>>);

/// How sure a write is before it counts as done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    /// On the disk.
    Strict,
    /// Handed to the operating system; for what can be found out again.
    Relaxed,
}

/// An open database.
pub(super) struct Database {
    database: IdbDatabase,
}

impl Database {
    /// Opens the database of this name, and makes it where there is none.
    pub(super) async fn open(name: &str) -> Result<Self, StoreError> {
        let request = factory()?.open_with_u32(name, 1)?;
        let made = request.clone();
        let upgrade = Closure::once(move || {
            // A failure here aborts the opening, which then fails by itself.
            if let Ok(database) = made.result() {
                let _made = database
                    .unchecked_into::<IdbDatabase>()
                    .create_object_store(ROWS);
            }
        });
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        let database = answer(&request).await?;
        Ok(Self {
            database: database.unchecked_into(),
        })
    }

    /// Deletes the database of this name, once nobody has it open.
    pub(super) async fn delete(name: &str) -> Result<(), StoreError> {
        let request = factory()?.delete_database(name)?;
        answer(&request).await.map(drop)
    }

    /// All rows whose keys do not begin with the byte `without`, in the order of their keys.
    pub(super) async fn rows(&self, without: Option<u8>) -> Result<Vec<Row>, StoreError> {
        let Some(without) = without else {
            return self.range(&JsValue::UNDEFINED).await;
        };
        let below = IdbKeyRange::upper_bound_with_open(&bytes(&[without]), true)?;
        let mut rows = self.range(&below).await?;
        if let Some(next) = without.checked_add(1) {
            let above = IdbKeyRange::lower_bound(&bytes(&[next]))?;
            rows.extend(self.range(&above).await?);
        }
        Ok(rows)
    }

    /// The values of these keys, in their order.
    pub(super) async fn values(
        &self,
        keys: &[Vec<u8>],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let (_, store) = self.begin("readonly", Durability::Relaxed)?;
        let requests = keys.iter().map(|key| store.get(&bytes(key)));
        let requests = requests.collect::<Result<Vec<_>, _>>()?;
        // All are under way before the first is awaited, or the transaction would end in between.
        let answers: Vec<_> = requests.iter().map(settled).collect();
        let mut values = Vec::with_capacity(keys.len());
        for (request, answer) in requests.iter().zip(answers) {
            let value = outcome(request, answer).await?;
            values.push((!value.is_undefined()).then(|| Uint8Array::new(&value).to_vec()));
        }
        Ok(values)
    }

    /// Does all the writes, in their order, or none of them.
    pub(super) async fn write(
        &self,
        writes: impl IntoIterator<Item = Write>,
        durability: Durability,
    ) -> Result<(), StoreError> {
        let (transaction, store) = self.begin("readwrite", durability)?;
        let committed = committed(&transaction);
        if let Err(thrown) = put_all(&store, writes) {
            // Half of the writes must not be committed by themselves.
            transaction.abort()?;
            return Err(thrown.into());
        }
        JsFuture::from(committed).await.map(drop).map_err(|_| {
            let error = transaction.error();
            error.map_or_else(|| StoreError::Failed("the write was aborted".into()), named)
        })
    }

    fn begin(
        &self,
        mode: &str,
        durability: Durability,
    ) -> Result<(IdbTransaction, IdbObjectStore), StoreError> {
        let options = Object::new();
        if durability == Durability::Strict {
            Reflect::set(&options, &"durability".into(), &"strict".into())?;
        }
        let database = self.database.unchecked_ref::<Transactions>();
        let transaction = database.transaction(ROWS, mode, &options)?;
        let store = transaction.object_store(ROWS)?;
        Ok((transaction, store))
    }

    async fn range(&self, range: &JsValue) -> Result<Vec<Row>, StoreError> {
        let (_, store) = self.begin("readonly", Durability::Relaxed)?;
        let keys = store.get_all_keys_with_key(range)?;
        let values = store.get_all_with_key(range)?;
        let answers = (settled(&keys), settled(&values));
        let all_keys: Array = outcome(&keys, answers.0).await?.unchecked_into();
        let all_values: Array = outcome(&values, answers.1).await?.unchecked_into();
        let to_vec = |value: JsValue| Uint8Array::new(&value).to_vec();
        let rows = all_keys.iter().map(to_vec);
        Ok(rows.zip(all_values.iter().map(to_vec)).collect())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.database.close();
    }
}

impl From<JsValue> for StoreError {
    fn from(thrown: JsValue) -> Self {
        match thrown.dyn_into::<DomException>() {
            Ok(exception) => named(exception),
            Err(thrown) => Self::Failed(format!("{thrown:?}")),
        }
    }
}

fn put_all(store: &IdbObjectStore, writes: impl IntoIterator<Item = Write>) -> Result<(), JsValue> {
    for (key, value) in writes {
        match value {
            Some(value) => store.put_with_key(&bytes(&value), &bytes(&key))?,
            None => store.delete(&bytes(&key))?,
        };
    }
    Ok(())
}

fn named(exception: DomException) -> StoreError {
    match exception.name().as_str() {
        "QuotaExceededError" => StoreError::Full,
        name => StoreError::Failed(format!("{name}: {}", exception.message())),
    }
}

fn factory() -> Result<IdbFactory, StoreError> {
    let factory = scope().indexed_db()?;
    factory.ok_or_else(|| StoreError::Failed("the browser offers no IndexedDB here".into()))
}

/// A key or a value as the browser stores it.
fn bytes(bytes: &[u8]) -> Uint8Array {
    Uint8Array::from(bytes)
}

async fn answer(request: &IdbRequest) -> Result<JsValue, StoreError> {
    outcome(request, settled(request)).await
}

/// Settles with the request.
fn settled(request: &IdbRequest) -> Promise {
    Promise::new(&mut |resolve: Function, reject: Function| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    })
}

async fn outcome(request: &IdbRequest, settled: Promise) -> Result<JsValue, StoreError> {
    match JsFuture::from(settled).await {
        Ok(_) => Ok(request.result()?),
        Err(_) => match request.error()? {
            Some(error) => Err(named(error)),
            None => Err(StoreError::Failed("the request failed".into())),
        },
    }
}

/// Settles when the transaction is complete, or has failed.
fn committed(transaction: &IdbTransaction) -> Promise {
    Promise::new(&mut |resolve: Function, reject: Function| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    })
}

#[wasm_bindgen]
extern "C" {
    /// A database as `web-sys` knows it only behind an unstable flag: with the durability of a transaction.
    type Transactions;

    #[wasm_bindgen(method, catch)]
    fn transaction(
        this: &Transactions,
        store: &str,
        mode: &str,
        options: &Object,
    ) -> Result<IdbTransaction, JsValue>;
}
