//! From a URL to the place of a store: server, database and schema.

use std::fmt;

use motjuste::{Error, Result};
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use url::Url;

/// The schema of a store whose URL names none.
const SCHEMA: &str = "motjuste";

/// What a URL may say after its question mark, besides the schema.
const PARAMETERS: [&str; 9] = [
    "application_name",
    "dbname",
    "host",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "user",
];

/// Where a store is, and how to get there.
#[derive(Clone)]
pub(super) struct Place {
    options: PgConnectOptions,
    schema: String,
}

impl Place {
    /// Reads a URL. No error repeats it: it may hold a password.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut url =
            Url::parse(text).map_err(|error| refused(&format!("is no URL: {error}"), HELP))?;
        let (schemas, others): (Vec<_>, Vec<_>) =
            url.query_pairs().into_owned().partition(|(key, _)| key == "schema");
        refuse_unknown(&others)?;
        let schema = match schemas.as_slice() {
            [] => SCHEMA.to_owned(),
            [(_, schema)] => checked(schema)?,
            _ => return Err(refused("names two schemas", "name one")),
        };
        url.set_query(None);
        if !others.is_empty() {
            url.query_pairs_mut().extend_pairs(&others);
        }
        let options = PgConnectOptions::from_url(&url)
            .map_err(|error| refused(&format!("cannot be used: {error}"), HELP))?;
        let options = match options.get_application_name() {
            None => options.application_name("motjuste"),
            Some(_) => options,
        };
        Ok(Self { options: options.disable_statement_logging(), schema })
    }

    /// The schema that holds the tables.
    pub(super) fn schema(&self) -> &str {
        &self.schema
    }

    /// How a connection is made. What was acknowledged survives a crash of the server, whatever its default.
    pub(super) fn options(&self) -> PgConnectOptions {
        let settings = [("search_path", self.schema.as_str()), ("synchronous_commit", "on")];
        self.options.clone().options(settings)
    }

    /// How a connection is made that does not wait for the server's disk.
    pub(super) fn hasty(&self) -> PgConnectOptions {
        self.options().options([("synchronous_commit", "off")])
    }

    /// How a connection is made that cannot write.
    pub(super) fn reading(&self) -> PgConnectOptions {
        self.options().options([("default_transaction_read_only", "on")])
    }

    pub(super) fn user(&self) -> &str {
        self.options.get_username()
    }

    /// The name of the database; a server takes the user's where none is given.
    pub(super) fn database(&self) -> &str {
        self.options.get_database().unwrap_or(self.user())
    }

    /// The server without the database.
    pub(super) fn server(&self) -> String {
        let port = self.options.get_port();
        match self.options.get_socket() {
            Some(socket) => format!("{}:{port}", socket.display()),
            None => format!("{}:{port}", self.options.get_host()),
        }
    }
}

/// Without user and password.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgresql://{}/{}", self.server(), self.database())?;
        match self.schema.as_str() {
            SCHEMA => Ok(()),
            schema => write!(f, "?schema={schema}"),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

const HELP: &str =
    "write postgresql://USER@HOST:PORT/DATABASE; the password is read from PGPASSWORD or ~/.pgpass";

fn refuse_unknown(parameters: &[(String, String)]) -> Result<()> {
    let unknown = parameters.iter().find(|(key, _)| !PARAMETERS.contains(&key.as_str()));
    match unknown.map(|(key, _)| key.as_str()) {
        None => Ok(()),
        Some("password") => Err(refused("has a password among its parameters", HELP)),
        Some(key) => {
            let known = format!("it may say: schema, {}", PARAMETERS.join(", "));
            Err(refused(&format!("has an unknown parameter \"{key}\""), &known))
        }
    }
}

/// A name that needs no quotation marks, so that it means the same wherever it is written.
fn checked(schema: &str) -> Result<String> {
    let is_word = schema.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    let begins_well = schema.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    match is_word && begins_well && schema.len() <= 63 && !schema.starts_with("pg_") {
        true => Ok(schema.to_owned()),
        false => Err(refused(
            "names a schema that cannot be used",
            "use small letters, digits and _, beginning with a letter, 63 at the most",
        )),
    }
}

fn refused(what: &str, help: &str) -> Error {
    Error::configuration(format!("the address of the store {what}")).with_help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_where_and_never_shows_its_password() {
        let place = Place::parse("postgresql://me:s3cret@db.example:6432/work?schema=lab").unwrap();
        assert_eq!(place.to_string(), "postgresql://db.example:6432/work?schema=lab");
        assert_eq!((place.user(), place.database(), place.schema()), ("me", "work", "lab"));
        assert!(!format!("{place:?}").contains("s3cret"));
        let place = Place::parse("postgres://me@%2Frun%2Fpg/work").unwrap();
        assert_eq!(place.to_string(), "postgresql:///run/pg:5432/work");
    }

    #[test]
    fn what_cannot_be_meant_is_refused_without_repeating_it() {
        for url in [
            "postgresql://me:s3cret@db:port/work",
            "postgresql://me:s3cret@db/work?shema=lab",
            "postgresql://me:s3cret@db/work?sslmode=perhaps",
            "postgresql://me@db/work?password=s3cret",
            "postgresql://me:s3cret@db/work?schema=Lab",
            "postgresql://me:s3cret@db/work?schema=",
            "postgresql://me:s3cret@db/work?schema=a&schema=b",
        ] {
            let error = Place::parse(url).unwrap_err();
            assert!(error.is_configuration() && error.help().is_some(), "{url}");
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{url}: {error:?}");
        }
    }
}
