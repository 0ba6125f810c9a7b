//! From files to builds: what is taken, what is refused, and what is never said.

#[cfg(test)]
mod bench;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod dialects;
#[cfg(test)]
mod manual;
#[cfg(test)]
mod parquet;
#[cfg(test)]
mod people;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod site;
#[cfg(test)]
mod tolerance;
#[cfg(test)]
mod written;
