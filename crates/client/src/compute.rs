//! A site's computation node, as the coordinator calls it.

use std::time::Duration;

use coda_model::SiteId;
use coda_pki::{Now, Roots};
use coda_wire::v1::{self, compute_client::ComputeClient};

use crate::{
    ClientError, Link,
    receipt::{Expected, ReplyError, certified, read},
};

/// Largest answer taken, in bytes.
const LARGEST: usize = 64 << 20;

/// A computation node.
#[derive(Clone)]
pub struct Compute {
    link: Link,
    site: SiteId,
    roots: Roots,
    now: Now,
}

impl Compute {
    /// Over a link to the computation node of a site; its receipts are checked against `roots`, and whether its certificate is
    /// good now.
    pub fn new(link: Link, site: SiteId, roots: Roots, now: Now) -> Self {
        Self { link, site, roots, now }
    }

    /// Sends a signed query and waits for the answer for at most `deadline`. What comes back is an answer that an honest site can give.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn answer(
        &self,
        request: v1::Request,
        expected: &Expected<'_>,
        deadline: Duration,
    ) -> Result<v1::SiteAnswer, ClientError> {
        let mut client = ComputeClient::new(self.link.channel()).max_decoding_message_size(LARGEST);
        let mut request = tonic::Request::new(request);
        request.set_timeout(deadline);
        let timeout = || self.link.error(tonic::Status::deadline_exceeded("no answer in time"));
        // The deadline of gRPC is the server's to keep; this one is ours.
        let reply = tokio::time::timeout(deadline, client.answer(request)).await.map_err(|_| timeout())?;
        let mut answer = reply.map_err(|status| self.link.error(status))?.into_inner();
        answer.padding.clear();
        let odd = |error: ReplyError| ClientError::Odd(self.link.peer.clone(), Box::new(error));
        read(&answer, &self.site, expected, &self.roots).map_err(odd)?;
        // By the clock of this side too: a receipt speaks of an earlier moment, at which a revoked key was good.
        if let Some(receipt) = &answer.receipt {
            certified(receipt, &self.roots, (self.now)()).map_err(|error| odd(error.into()))?;
        }
        Ok(answer)
    }
}
