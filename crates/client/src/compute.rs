//! A site's computation node, as the coordinator calls it.

use std::time::Duration;

use coda_model::{BuildId, SiteId, estimate::Terms, frame::SiteFrames};
use coda_wire::{
    frames, terms,
    v1::{self, compute_client::ComputeClient},
};

use crate::{ClientError, Link};

/// Largest answer taken, in bytes.
const LARGEST: usize = 64 << 20;

/// A computation node.
#[derive(Debug, Clone)]
pub struct Compute {
    link: Link,
    site: SiteId,
}

/// What a site let out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteReply {
    /// The build that answered.
    pub build: BuildId,
    /// Its frames; not yet verified against the query.
    pub frames: SiteFrames,
    /// On what terms it answered.
    pub terms: Terms,
}

/// A reply that is not of this site or query.
#[derive(Debug, thiserror::Error)]
enum Reply {
    #[error("the reply has no valid {0}")]
    Field(&'static str),
    #[error("the reply answers another query")]
    Envelope,
    #[error("the frames are malformed")]
    Frames(#[source] frames::FrameError),
}

impl Compute {
    /// Over a link to the computation node of a site.
    pub fn new(link: Link, site: SiteId) -> Self {
        Self { link, site }
    }

    /// Sends a signed query and waits for the answer at most so long. `envelope` is the SHA-256 of the envelope's bytes.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn answer(
        &self,
        request: v1::Request,
        envelope: [u8; 32],
        deadline: Duration,
    ) -> Result<SiteReply, ClientError> {
        let mut client = ComputeClient::new(self.link.channel.clone()).max_decoding_message_size(LARGEST);
        let mut request = tonic::Request::new(request);
        request.set_timeout(deadline);
        let timeout = || ClientError::of(&self.link.peer, tonic::Status::deadline_exceeded("no answer in time"));
        // The deadline of gRPC is the server's to keep; this one is ours.
        let reply = tokio::time::timeout(deadline, client.answer(request)).await.map_err(|_| timeout())?;
        let reply = reply.map_err(|status| ClientError::of(&self.link.peer, status))?.into_inner();
        self.read(reply, envelope).map_err(|reply| ClientError::Odd(self.link.peer.clone(), Box::new(reply)))
    }

    fn read(&self, reply: v1::SiteAnswer, asked: [u8; 32]) -> Result<SiteReply, Reply> {
        let v1::SiteAnswer { site, build, envelope, frames, terms, padding: _ } = reply;
        if site != self.site.as_str() {
            return Err(Reply::Field("site"));
        }
        if envelope != asked {
            return Err(Reply::Envelope);
        }
        Ok(SiteReply {
            build: BuildId::new(&build).map_err(|_| Reply::Field("build"))?,
            frames: frames::decode(frames.ok_or(Reply::Field("frames"))?).map_err(Reply::Frames)?,
            terms: terms.and_then(|terms| terms::decode(terms).ok()).ok_or(Reply::Field("terms"))?,
        })
    }
}
