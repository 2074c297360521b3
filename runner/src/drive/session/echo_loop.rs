//! A message sent over and over, and its echoes counted.

use std::time::Duration;

use tokio::time::Instant;
use wsspec_record::Octets;
use wsspec_record::transcript::{self, Awaited, EchoLoop, KEPT_KEYS_MAX, What};

use super::Session;
use crate::drive::Watch;
use crate::drive::encode::EncodeError;

/// An echo loop in progress.
pub(super) struct EchoState {
    opcode: u8,
    payload: Octets,
    sent_at: std::collections::VecDeque<Instant>,
    latencies: Vec<u64>,
    masking_keys: Vec<String>,
}

impl EchoState {
    /// Whether a frame is an echo or a fragment of one.
    fn takes(&mut self, frame: &transcript::Frame) -> bool {
        let (opcode, payload) = match &frame.message {
            Some(message) => (message.opcode, &message.payload),
            None => (frame.opcode, &frame.payload),
        };
        let completes = frame.fin && matches!(frame.opcode, 0x0..=0x2);
        if !(completes
            && frame.oddities.is_empty()
            && opcode == self.opcode
            && *payload == self.payload)
        {
            // The fragments before the last one are no entries either.
            return !frame.fin && frame.oddities.is_empty() && frame.opcode <= 0x2;
        }
        match self.sent_at.pop_front() {
            Some(sent) => {
                let latency = u64::try_from(sent.elapsed().as_micros()).unwrap_or(u64::MAX);
                self.latencies.push(latency);
                true
            }
            None => false,
        }
    }
}

impl<W: Watch> Session<'_, W> {
    /// Sends a message over and over and counts its echoes.
    pub(in crate::drive) async fn echo_loop(
        &mut self,
        echo: &wsspec_cases::step::EchoLoopStep,
        patience: Duration,
    ) -> Result<(), EncodeError> {
        let wsspec_cases::FrameKind::Frame { opcode, payload } = &echo.message.kind else {
            return Ok(());
        };
        self.echo = Some(EchoState {
            opcode: *opcode,
            payload: wsspec_judge::observe::octets(&payload.octets()?),
            sent_at: std::collections::VecDeque::new(),
            latencies: Vec::with_capacity(echo.count as usize),
            masking_keys: Vec::new(),
        });
        let began = Instant::now();
        let window = echo.window.max(1) as usize;
        let mut to_send = echo.count;
        let mut echoed = 0;
        let mut deadline = Instant::now() + patience;
        loop {
            let under_way = self.echo.as_ref().map_or(0, |echo| echo.sent_at.len());
            if to_send > 0 && under_way < window {
                // Its records would crowd the transcript; the loop has one of its own.
                let encoded = self.encoder.encode(std::slice::from_ref(&echo.message))?;
                self.count_sent(&encoded);
                if let Some(echo) = &mut self.echo {
                    echo.sent_at.push_back(Instant::now());
                }
                self.write(&encoded.octets, patience).await;
                to_send -= 1;
            } else if under_way > 0 {
                // An echo is what is waited for; anything else does not prolong it.
                let so_far = self.echo.as_ref().map_or(0, |echo| echo.latencies.len());
                if so_far > echoed {
                    echoed = so_far;
                    deadline = Instant::now() + patience;
                }
                if !self.read(deadline).await {
                    self.timed_out(Awaited::Echo, patience);
                    break;
                }
            } else {
                break;
            }
            if self.ended || self.they_closed || self.cannot_write {
                break;
            }
        }
        let (mut latencies, masking_keys) = self
            .echo
            .take()
            .map(|echo| (echo.latencies, echo.masking_keys))
            .unwrap_or_default();
        latencies.sort_unstable();
        let at = |index: usize| latencies.get(index).copied().unwrap_or(0);
        self.record(What::EchoLoop(EchoLoop {
            echoed: u32::try_from(latencies.len()).unwrap_or(u32::MAX),
            count: echo.count,
            latency_us: [
                at(0),
                at(latencies.len() / 2),
                at(latencies.len().saturating_sub(1)),
            ],
            took_us: u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
            masking_keys,
        }));
        Ok(())
    }

    pub(super) fn is_echo(&mut self, frame: &transcript::Frame) -> bool {
        let Some(echo) = &mut self.echo else {
            return false;
        };
        let is_echo = echo.takes(frame);
        // The frame is no entry of its own; of its key this is the only trace.
        if let (true, Some(key)) = (is_echo, &frame.mask)
            && echo.masking_keys.len() < KEPT_KEYS_MAX
        {
            echo.masking_keys.push(key.clone());
        }
        is_echo
    }
}
