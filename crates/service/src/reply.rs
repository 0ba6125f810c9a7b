//! What the caller and the audit log are told of an error.

use std::borrow::Cow;

use tonic::{Code, Status};

use crate::unlikely::Unlikely;

/// What is told of an error outside the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The gRPC code.
    pub code: Code,
    /// For the caller: a constant, or words that depend on the request, the dictionary, roles and policy alone.
    pub message: Cow<'static, str>,
    /// For the audit log: a word that stays the same from version to version.
    pub reason: &'static str,
    /// Who must do something.
    pub fault: Fault,
}

/// Whose fault it is that a call is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The caller's: another request would be answered.
    Caller,
    /// The caller's, and an honest program asks so seldom or never.
    Unlikely(Unlikely),
    /// The service's own: its administrator must see to it.
    Own,
}

impl Reply {
    /// The caller asked for what cannot be given.
    pub fn refused(code: Code, reason: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), reason, fault: Fault::Caller }
    }

    /// The caller asked for what an honest program asks for seldom or never: it goes to the intrusion log as well.
    pub fn unlikely(code: Code, kind: Unlikely, message: impl Into<Cow<'static, str>>) -> Self {
        Self { fault: Fault::Unlikely(kind), ..Self::refused(code, kind.word(), message) }
    }

    /// The service cannot answer.
    pub fn failed(code: Code, reason: &'static str, message: &'static str) -> Self {
        Self { code, message: message.into(), reason, fault: Fault::Own }
    }

    /// Whether the fault is the service's own.
    pub fn is_own(&self) -> bool {
        self.fault == Fault::Own
    }

    /// The reply in the form of gRPC.
    pub fn status(&self) -> Status {
        Status::new(self.code, self.message.as_ref())
    }
}
