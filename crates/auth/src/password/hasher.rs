//! Argon2id (RFC 9106), off the threads that serve requests, few at a time.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::Semaphore;

use super::Password;

/// How many are hashed at a time: each takes memory and a core.
const AT_A_TIME: usize = 2;
/// How many more may wait; further ones are told to come again.
const WAITING: usize = 64;

/// What one hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory, in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
}

/// Hashes passwords. Copies share the turns.
#[derive(Debug, Clone)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
    cost: Cost,
    /// Verified where there is no account, so that the answer takes as long.
    nobody: Arc<str>,
}

/// Why a password was not hashed.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many wait already.
    #[error("too many people log in at this moment")]
    Busy,
    /// The cost is none, or a hash in the database is malformed.
    #[error("the password cannot be hashed")]
    Argon2(#[from] argon2::password_hash::Error),
    /// The program is stopping.
    #[error("hashing was interrupted")]
    Interrupted,
}

impl Cost {
    /// 19 MiB and two passes (OWASP Password Storage Cheat Sheet).
    pub const STANDARD: Self = Self { memory: 19 * 1024, passes: 2 };
    /// The least that Argon2 takes, for tests.
    pub const LEAST: Self = Self { memory: 8, passes: 1 };
}

impl Hasher {
    /// Hashes at this cost; what costs otherwise is verified all the same.
    ///
    /// # Errors
    /// [`HashError::Argon2`] for a cost that Argon2 does not take.
    pub fn new(cost: Cost) -> Result<Self, HashError> {
        let nobody = hashed(cost, &coda_pki::random::<16>())?.into();
        let (turns, places) = (Arc::new(Semaphore::new(AT_A_TIME)), Arc::new(Semaphore::new(AT_A_TIME + WAITING)));
        Ok(Self { turns, places, cost, nobody })
    }

    /// The hash of a password, another one each time, in PHC form.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn hash(&self, password: impl Into<Arc<Password>>) -> Result<String, HashError> {
        let (cost, password) = (self.cost, password.into());
        self.apart(move || hashed(cost, password.as_bytes())).await
    }

    /// Whether the password is the one of this hash; where there is none, it takes as long and is not.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn verify(&self, password: Arc<Password>, hash: Option<String>) -> Result<bool, HashError> {
        let (known, hash) = (hash.is_some(), hash.unwrap_or_else(|| self.nobody.to_string()));
        self.apart(move || Ok(verified(&hash, password.as_bytes())? && known)).await
    }

    /// Does work on a thread of its own, when it is its turn.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn apart<T: Send + 'static, E: From<HashError> + Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let _place = self.places.clone().try_acquire_owned().map_err(|_| HashError::Busy)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| HashError::Interrupted)?;
        let worked = tokio::task::spawn_blocking(move || {
            // Kept to the end, also where the caller went away.
            let _turn = turn;
            work()
        });
        worked.await.map_err(|_| HashError::Interrupted)?
    }
}

fn hashed(cost: Cost, password: &[u8]) -> Result<String, HashError> {
    let Cost { memory, passes } = cost;
    let parameters = Params::new(memory, passes, 1, None).map_err(argon2::password_hash::Error::from)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
    Ok(argon2.hash_password(password)?.to_string())
}

fn verified(hash: &str, password: &[u8]) -> Result<bool, HashError> {
    let hash = PasswordHash::new(hash).map_err(argon2::password_hash::Error::from)?;
    match Argon2::default().verify_password(password, &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_fits_its_password_alone_whatever_it_costs() {
        let (cheap, dear) = (Hasher::new(Cost::LEAST).unwrap(), Hasher::new(Cost { memory: 64, passes: 2 }).unwrap());
        let (one, two) = (Arc::new(Password::new("one")), Arc::new(Password::new("two")));
        let hash = cheap.hash(Password::new("one")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert_ne!(hash, cheap.hash(Password::new("one")).await.unwrap(), "never the same twice");
        assert!(dear.verify(one.clone(), Some(hash.clone())).await.unwrap());
        assert!(!dear.verify(two, Some(hash)).await.unwrap());
        assert!(!dear.verify(one.clone(), None).await.unwrap());
        assert!(matches!(dear.verify(one, Some("none".to_owned())).await, Err(HashError::Argon2(_))));
    }

    #[tokio::test]
    async fn who_comes_when_too_many_wait_is_told_so() {
        let hasher = Hasher::new(Cost::LEAST).unwrap();
        let gate = Arc::new(std::sync::Barrier::new(AT_A_TIME + 1));
        let waiting: Vec<_> = (0..AT_A_TIME + WAITING)
            .map(|place| {
                let (hasher, gate) = (hasher.clone(), gate.clone());
                tokio::spawn(async move {
                    let wait = move || {
                        if place < AT_A_TIME {
                            gate.wait();
                        }
                        Ok::<(), HashError>(())
                    };
                    hasher.apart(wait).await
                })
            })
            .collect();
        while hasher.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(hasher.hash(Password::new("late")).await, Err(HashError::Busy)));
        tokio::task::spawn_blocking(move || gate.wait()).await.unwrap();
        for task in waiting {
            task.await.unwrap().unwrap();
        }
        hasher.hash(Password::new("now")).await.unwrap();
    }
}
