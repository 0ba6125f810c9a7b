//! What a client is handed, after somebody changed it on the way.

#[cfg(test)]
mod evidence;
#[cfg(test)]
mod signed;
