//! A PostgreSQL server of the tests' own, which ends with their process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The password of the server's user.
const PASSWORD: &str = "a-wonder";

/// Makes a database, serves it until standard input ends, and removes everything.
const SCRIPT: &str = r#"
cd "$1"
echo "$4" > password
"$2/initdb" -D data -U tester -A scram-sha-256 --pwfile=password --no-sync -E UTF8 --locale=C > log 2>&1 || exit 1
"$2/postgres" -D data -p "$3" -k "$1" -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200 >> log 2>&1 &
server=$!
cat > /dev/null
kill -INT $server
wait $server
cd /
rm -rf "$1"
"#;

/// A server on this machine. It stops when its standard input closes, hence with this process at the latest.
pub struct Server {
    port: u16,
    _process: Child,
}

/// The one server of this process.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::start)
}

impl Server {
    fn start() -> Self {
        let (folder, programs) = (folder(), programs());
        let port = free_port();
        let arguments = [folder.as_os_str(), programs.as_os_str()];
        let process = as_a_user()
            .args(["sh", "-c", SCRIPT, "server"])
            .args(arguments)
            .args([&port.to_string(), PASSWORD])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let server = Self { port, _process: process };
        server.wait(&folder, &programs);
        server
    }

    fn wait(&self, folder: &Path, programs: &Path) {
        let start = Instant::now();
        let port = self.port.to_string();
        let is_ready = || {
            let mut ask = Command::new(programs.join("pg_isready"));
            let ask = ask.args(["-q", "-h", "127.0.0.1", "-p", &port]);
            ask.status().is_ok_and(|status| status.success())
        };
        while !is_ready() {
            let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
            assert!(start.elapsed() < Duration::from_secs(120), "no server: {}", log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The address of a store that nobody has made yet.
    pub fn fresh(&self) -> String {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        self.url(&format!("tester:{PASSWORD}"), &format!("postgres?schema=test_{number}"))
    }

    /// The address of a database for a user.
    pub fn url(&self, user: &str, database: &str) -> String {
        format!("postgresql://{user}@127.0.0.1:{}/{database}", self.port)
    }
}

/// A folder that the server's user may write to; the server empties it.
fn folder() -> PathBuf {
    let folder = tempfile::Builder::new().prefix("motjuste-pg-").tempdir().unwrap().keep();
    if is_root() {
        let owner = format!("{}:", user());
        assert!(Command::new("chown").arg(owner).arg(&folder).status().unwrap().success());
    }
    folder
}

/// Where the server's programs are.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = debian.map(|version| version.path().join("bin"));
    let folders = debian.chain(std::env::split_paths(&path));
    let found = folders.into_iter().find(|folder| {
        ["initdb", "postgres", "pg_isready"].iter().all(|name| folder.join(name).exists())
    });
    found
        .unwrap_or_else(|| panic!("PostgreSQL is needed for the tests: apt-get install postgresql"))
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A command for a program that refuses to be run by the superuser.
pub fn as_a_user() -> Command {
    if !is_root() {
        return Command::new("env");
    }
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={}", user())).args(["--regid=nogroup", "--clear-groups"]);
    command
}

pub fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.starts_with(b"0\n")
}

fn user() -> &'static str {
    let known = fs::read_to_string("/etc/passwd").unwrap_or_default();
    match known.lines().any(|line| line.starts_with("postgres:")) {
        true => "postgres",
        false => "nobody",
    }
}
