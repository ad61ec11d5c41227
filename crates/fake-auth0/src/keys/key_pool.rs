//! RSA keys, generated once per process and lent to one tenant at a time.
//!
//! An RSA key takes a tenth of a second to generate, and dozens of tests start tenants. A key goes back to the pool
//! when nothing refers to it any more, so two tenants that live at the same time never hold the same one.

use std::sync::{Arc, LazyLock, Mutex};

use super::material::Material;
use crate::algorithm::KeyType;
use crate::lock::lock;

static IDLE: Mutex<Vec<Arc<Material>>> = Mutex::new(Vec::new());

/// The keys of somebody who is not the tenant. Never lent to a tenant.
static STRANGER_RSA: LazyLock<LentMaterial> = LazyLock::new(|| draw(KeyType::Rsa));
static STRANGER_P256: LazyLock<LentMaterial> = LazyLock::new(|| draw(KeyType::P256));
static STRANGER_P384: LazyLock<LentMaterial> = LazyLock::new(|| draw(KeyType::P384));

/// A key that returns to the pool with its last clone.
#[derive(Clone, Debug)]
pub(super) struct LentMaterial(Arc<Loan>);

#[derive(Debug)]
struct Loan(Arc<Material>);

impl LentMaterial {
    pub(super) fn material(&self) -> &Material {
        &self.0.0
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        if self.0.key_type() == KeyType::Rsa {
            lock(&IDLE).push(Arc::clone(&self.0));
        }
    }
}

/// A key that no other tenant holds.
pub(super) fn draw(key_type: KeyType) -> LentMaterial {
    let idle = if key_type == KeyType::Rsa { lock(&IDLE).pop() } else { None };
    LentMaterial(Arc::new(Loan(idle.unwrap_or_else(|| Arc::new(Material::generate(key_type))))))
}

/// Two keys, generated side by side if they must be.
pub(super) fn draw_two(key_type: KeyType) -> (LentMaterial, LentMaterial) {
    std::thread::scope(|scope| {
        let other = scope.spawn(|| draw(key_type));
        let one = draw(key_type);
        (one, other.join().unwrap_or_else(|_| draw(key_type)))
    })
}

/// The key of an attacker: well made, published by nobody, the same for the whole process.
pub(super) fn stranger(key_type: KeyType) -> LentMaterial {
    match key_type {
        KeyType::Rsa => &*STRANGER_RSA,
        KeyType::P256 => &*STRANGER_P256,
        KeyType::P384 => &*STRANGER_P384,
    }
    .clone()
}
