//! Plain HTTP: the page that lets a browser run the cases, what it asks for, and the report.

use serde_json::json;
use wsspec_reference::net::Stream;
use wsspec_reports::words;

use super::driver::{Driver, Refused};
use super::{Content, Query, Status, Visitor, respond};

/// The page for browsers.
const PAGE: &str = include_str!("page.html");
/// The resources that are for WebSocket connections.
const COMMANDS: [&str; 6] = [
    "/getCaseCount",
    "/getCaseInfo",
    "/getCaseStatus",
    "/runCase",
    "/updateReports",
    "/stopServer",
];

impl Driver {
    /// Plain HTTP: the page for browsers, what it asks for, and the report.
    pub(super) async fn page(
        &self,
        visitor: Visitor,
        query: &Query,
    ) -> Result<(), (Stream, Refused)> {
        let stream = visitor.stream;
        if visitor.request.method != "GET" {
            let words = "Only GET is understood here.";
            return Err((stream, Refused(Status::MethodNotAllowed, words.into())));
        }
        let content = match query.path.as_str() {
            "/" => Ok(Content::Page(PAGE)),
            "/cases.json" => Ok(Content::Json(self.list())),
            "/result.json" => self.status(query).await.map(|result| {
                let summary = json!({
                    "verdict": result.verdict,
                    "closing": result.closing,
                    "grade": result.grade(),
                    "reason": words::clean(&result.reason, 300),
                });
                Content::Json(summary.to_string())
            }),
            "/report" | "/report/" => {
                respond(
                    stream,
                    Status::Found,
                    Content::Location("/report/index.html"),
                )
                .await;
                return Ok(());
            }
            path => match path.strip_prefix("/report/") {
                Some(name) => self.report(name).await,
                None if COMMANDS.contains(&path) => Err(Refused(
                    Status::UpgradeRequired,
                    "This is for WebSocket connections; / is for browsers.".into(),
                )),
                None => Err(not_found()),
            },
        };
        match content {
            Ok(content) => {
                respond(stream, Status::Ok, content).await;
                Ok(())
            }
            Err(refused) => Err((stream, refused)),
        }
    }

    fn list(&self) -> String {
        let cases = self
            .numbered
            .iter()
            .map(|case| json!({ "id": case.id, "autobahn": case.autobahn, "title": case.title }));
        serde_json::Value::from_iter(cases).to_string()
    }

    /// A document of the report, as it was written last.
    async fn report(&self, name: &str) -> Result<Content, Refused> {
        // Only what reports consist of: the folder may hold other things of the user's.
        let media_type = media_type(name).ok_or_else(not_found)?;
        let path = self.out.join(name);
        let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
        let octets = read.ok().and_then(Result::ok).ok_or_else(|| {
            let words =
                "This document is not written yet, or is none of those that were asked for.";
            Refused(Status::NotFound, words.into())
        })?;
        Ok(Content::Octets(media_type, octets))
    }
}

fn not_found() -> Refused {
    Refused(Status::NotFound, "There is nothing here.".into())
}

/// The media type of a document of a report; nothing for any other name.
fn media_type(name: &str) -> Option<&'static str> {
    let of = match name {
        "index.html" | "coverage.html" => "text/html; charset=utf-8",
        "results.json" | "index.json" => "application/json",
        "junit.xml" => "application/xml",
        "summary.md" => "text/plain; charset=utf-8",
        "badge.svg" => "image/svg+xml",
        "assets/report.css" => "text/css; charset=utf-8",
        "assets/report.js" => "text/javascript; charset=utf-8",
        _ => {
            let page = name.strip_prefix("cases/")?.strip_suffix(".html")?;
            let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet);
            let sound = !page.starts_with('.') && page.bytes().all(plain);
            return sound.then_some("text/html; charset=utf-8");
        }
    };
    Some(of)
}
