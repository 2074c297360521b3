//! `wsspec wstest`: the command line and the spec files of Autobahn's wstest.
//!
//! Everything is put into the words of our own command line, and played as if it had been
//! written so.

mod spec;

use std::path::{Path, PathBuf};

use clap::{Args, Parser as _, ValueEnum};
use wsspec_cases::{Case, Suite};

use super::server::Special;
use super::{Arguments, Command, Exit, problem};
use crate::subject::{NamedServer, TargetError};
use spec::{Spec, SpecServer};

/// Take the command line of Autobahn's wstest, and its spec files.
#[derive(Debug, Args)]
pub(super) struct WstestArguments {
    /// What to do
    #[arg(short, long, value_enum)]
    mode: Mode,
    /// The spec file; without it fuzzingclient.json or fuzzingserver.json in this folder
    #[arg(short, long, value_name = "SPEC.json")]
    spec: Option<PathBuf>,
    /// The URL to listen on, or to connect to; it goes before that of the spec file
    #[arg(short, long, value_name = "URL")]
    wsuri: Option<String>,
    /// The name of the client for a fuzzingserver
    #[arg(short, long, value_name = "NAME")]
    ident: Option<String>,
    /// The private key of a server over TLS, as PEM
    #[arg(short, long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// The certificate of a server over TLS, as PEM
    #[arg(short, long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// Accepted; pages and cases share one port
    #[arg(short = 'u', long, value_name = "PORT")]
    webport: Option<u16>,
    /// Accepted; what happens is in the report
    #[arg(short, long)]
    debug: bool,
    /// Further options, of `wsspec server`, `client` or `echo`
    #[arg(last = true, value_name = "OPTION")]
    more: Vec<String>,
}

/// What wstest does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
enum Mode {
    /// Grade servers
    FuzzingClient,
    /// Grade clients
    FuzzingServer,
    /// Be a server that echoes
    TesteeServer,
    /// Be a client that plays all cases of a fuzzingserver
    TesteeClient,
    /// Be a server that echoes
    EchoServer,
    /// Be a client that echoes until it is closed
    EchoClient,
}

impl WstestArguments {
    /// The same in our own words.
    ///
    /// # Errors
    /// The exit status, once it was said what is wrong.
    pub(super) fn command(&self) -> Result<Command, Exit> {
        match self.mode {
            Mode::FuzzingClient => self.fuzzing_client(),
            Mode::FuzzingServer => self.fuzzing_server(),
            Mode::TesteeServer | Mode::EchoServer => {
                let url = listening(self.given_url()?)?;
                let mut words = vec!["echo".to_owned(), "server".to_owned()];
                words.extend(["--listen".to_owned(), url.address]);
                if let (Some(key), Some(cert)) = (&self.key, &self.cert) {
                    words.extend(["--key".to_owned(), key.display().to_string()]);
                    words.extend(["--cert".to_owned(), cert.display().to_string()]);
                } else if url.is_secure {
                    words.push("--tls".to_owned());
                }
                self.parsed(words)
            }
            Mode::TesteeClient => {
                let url = self.given_url()?.to_owned();
                let mut words = ["echo", "client", "--autobahn"].map(str::to_owned).to_vec();
                words.push(url);
                let name = self.ident.iter();
                words.extend(name.flat_map(|name| ["--agent".to_owned(), name.clone()]));
                self.parsed(words)
            }
            Mode::EchoClient => {
                let url = self.given_url()?.to_owned();
                self.parsed(vec!["echo".to_owned(), "client".to_owned(), url])
            }
        }
    }

    fn fuzzing_client(&self) -> Result<Command, Exit> {
        let spec = self.spec("fuzzingclient.json")?;
        let mut servers = spec.servers.clone();
        if let (true, Some(url)) = (
            servers.is_empty(),
            self.wsuri.as_ref().or(spec.url.as_ref()),
        ) {
            servers.push(SpecServer {
                url: url.clone(),
                ..SpecServer::default()
            });
        }
        if servers.is_empty() {
            let words =
                "the spec file names no servers; expected \"servers\": [{\"url\": \"ws://…\"}]";
            return Err(problem::complain(Exit::Usage, words));
        }
        let suite = Suite::embedded(wsspec_cases::expand::Dose::Small)
            .map_err(|errors| problem::case_errors(&errors))?;
        let mut words = vec!["server".to_owned(), "--out".to_owned()];
        words.push(
            spec.outdir
                .clone()
                .unwrap_or_else(|| "reports/servers".to_owned()),
        );
        // As Autobahn, unless somebody says whom to trust.
        let trusts = self.more.iter().any(|word| word.starts_with("--ca"));
        if !trusts && servers.iter().any(|server| server.url.starts_with("wss:")) {
            words.push("--insecure".to_owned());
        }
        let mut command = self.parsed(words)?;
        if let Command::Server(arguments) = &mut command {
            for server in &servers {
                let target = named(server)?;
                let special = special(&spec, server, &target.name, suite.cases());
                arguments.special.insert(target.name.clone(), special);
                arguments.targets.push(target);
            }
            arguments.cases.only = Some(spec.chosen(suite.cases()));
        }
        Ok(command)
    }

    fn fuzzing_server(&self) -> Result<Command, Exit> {
        let spec = self.spec("fuzzingserver.json")?;
        let given = self.wsuri.as_ref().or(spec.url.as_ref());
        let url = listening(given.map_or("ws://127.0.0.1:9001", String::as_str))?;
        let suite = Suite::embedded(wsspec_cases::expand::Dose::Small)
            .map_err(|errors| problem::case_errors(&errors))?;
        let mut words = ["client", "--listen"].map(str::to_owned).to_vec();
        words.extend([url.address, "--out".to_owned()]);
        words.push(
            spec.outdir
                .clone()
                .unwrap_or_else(|| "reports/clients".to_owned()),
        );
        let path = |path: &PathBuf| path.display().to_string();
        let key = self.key.as_ref().map(path).or_else(|| spec.key.clone());
        let cert = self.cert.as_ref().map(path).or_else(|| spec.cert.clone());
        match (url.is_secure, key, cert) {
            (true, Some(key), Some(cert)) => {
                words.extend(["--key".to_owned(), key, "--cert".to_owned(), cert]);
            }
            (true, ..) => words.push("--tls".to_owned()),
            (false, ..) => {}
        }
        for protocol in &spec.protocols {
            words.extend(["--subprotocol".to_owned(), protocol.clone()]);
        }
        let mut command = self.parsed(words)?;
        if let Command::Client(arguments) = &mut command {
            arguments.cases.only = Some(spec.chosen(suite.cases()));
        }
        if !spec.exclude_agent_cases.is_empty() {
            let words = "note: exclude-agent-cases is left aside; a client plays what it asks for";
            anstream::eprintln!("{words}");
        }
        Ok(command)
    }

    fn given_url(&self) -> Result<&str, Exit> {
        let words = "this mode needs -w URL";
        let missing = || problem::complain(Exit::Usage, words);
        self.wsuri.as_deref().ok_or_else(missing)
    }

    fn spec(&self, usual: &str) -> Result<Spec, Exit> {
        let path = self.spec.as_deref().unwrap_or(Path::new(usual));
        let refused = |reason: String| {
            let words = format!("{}: {reason}", path.display());
            problem::complain(Exit::Usage, &words)
        };
        let text = std::fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
        serde_json::from_str(&text).map_err(|error| refused(error.to_string()))
    }

    /// Words of our own command line, read.
    fn parsed(&self, words: Vec<String>) -> Result<Command, Exit> {
        let words = ["wsspec".to_owned()].into_iter().chain(words);
        match Arguments::try_parse_from(words.chain(self.more.iter().cloned())) {
            Ok(arguments) => Ok(arguments.command),
            Err(error) => Err(super::refused(&error)),
        }
    }
}

/// Where to listen.
struct Listening {
    address: String,
    is_secure: bool,
}

/// Where a URL says to listen.
fn listening(url: &str) -> Result<Listening, Exit> {
    let server: NamedServer = url
        .parse()
        .map_err(|error: TargetError| problem::fail(Exit::Usage, &error))?;
    let port = server.url.port_or_known_default().unwrap_or(80);
    let host = server.url.host_str().unwrap_or("127.0.0.1");
    Ok(Listening {
        address: format!("{host}:{port}"),
        is_secure: server.is_secure(),
    })
}

fn named(server: &SpecServer) -> Result<NamedServer, Exit> {
    let parsed: Result<NamedServer, TargetError> = server.url.parse();
    let parsed = parsed.map_err(|error| problem::fail(Exit::Usage, &error))?;
    let agent = server.agent.clone().filter(|name| !name.is_empty());
    Ok(NamedServer {
        name: agent.unwrap_or(parsed.name),
        url: parsed.url,
    })
}

fn special<'a>(
    spec: &Spec,
    server: &SpecServer,
    name: &str,
    cases: impl Iterator<Item = &'a Case>,
) -> Special {
    let origin = server.origin.iter();
    Special {
        host: server.hostname.clone(),
        headers: origin
            .map(|origin| ("Origin".to_owned(), origin.clone()))
            .collect(),
        subprotocols: server.protocols.clone(),
        without: cases
            .filter(|case| spec.leaves_out(name, case))
            .map(|case| case.id.clone())
            .collect(),
    }
}
