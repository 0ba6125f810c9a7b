//! A site's policy is read or refused, and shown as a file that means the same.
#![no_main]

use coda_policy::SitePolicy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(policy) = SitePolicy::parse(text) else { return };
    assert_eq!(SitePolicy::parse(&policy.show()).as_ref(), Ok(&policy));
    let _ = (policy.canonical(), policy.check(), policy.explain());
});
