//! The files of a hub.

pub(crate) const AUTH: &str = r#"listen = "127.0.0.1:0"
database = "auth.db"
audit = "auth.jsonl"
revoked = "authority"

[accounts]
listen = "127.0.0.1:0"
coordinator = "127.0.0.1:1"
auth = "127.0.0.1:1"
issuing = "authority"

[[institution]]
domains = ["hub.example"]

[mail]
server = "127.0.0.1:1"
from = "coda@hub.example"
tls = "none"

[tls]
chain = "auth.pem"
key = "auth.key"
roots = "roots.pem"
"#;

pub(crate) const COORDINATOR: &str = r#"listen = "127.0.0.1:0"
dictionary = "dictionary.toml"
audit = "coordinator.jsonl"
auth = "127.0.0.1:1"

[tls]
chain = "coordinator.pem"
key = "coordinator.key"
roots = "roots.pem"

[[site]]
id = "north"
address = "127.0.0.1:7412"
"#;

pub(crate) const DICTIONARY: &str = r#"version = "1"
title = "A small network"

[dataset.heart]
label = "People"
people = "heart"

[dataset.heart.table.heart]
label = "Findings"
rows = "one"
person = "id"
[dataset.heart.table.heart.variable]
age = { type = "continuous", label = "Age", unit = "a", lower = 0, upper = 110, resolution = 1, missing = "never" }
"#;
