//! What every verb has: the home, the language, and whether to connect.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use heqi_domain::time::Date;
use heqi_replica::{Failure, OpenError, Replica, StartError};

use crate::args::Global;
use crate::shell::Shell;
use crate::socket::Dialer;
use crate::space::SpaceName;
use crate::store::{Store, StoreError};
use crate::trouble::{Trouble, Usage};
use heqi_wording::{COMMAND_LINE, Language, SHARED, Texts};

/// What holds for the verb being done.
pub(crate) struct Context {
    home: Option<PathBuf>,
    ca: Option<PathBuf>,
    pub(crate) json: bool,
    pub(crate) offline: bool,
    pub(crate) patience: Duration,
    pub(crate) language: Language,
    pub(crate) texts: Texts,
    /// The space whose tasks the verb works on.
    space: SpaceName,
    /// Whether progress may be drawn on standard error.
    pub(crate) draws: bool,
}

impl Context {
    pub(crate) fn new(global: Global, language: Language, space: SpaceName) -> Self {
        Self {
            home: global.home,
            ca: global.ca,
            json: global.json,
            offline: global.offline,
            patience: Duration::from_secs(global.patience),
            language,
            texts: texts(language),
            space,
            draws: !global.json && std::io::stderr().is_terminal(),
        }
    }

    /// The folder of this device's venture.
    pub(crate) fn home(&self) -> Result<PathBuf, Trouble> {
        if let Some(home) = &self.home {
            return Ok(home.clone());
        }
        let folders = directories::BaseDirs::new().ok_or(Usage::NoHome)?;
        Ok(folders.data_dir().join("heqi"))
    }

    /// Opens the replica of the home, not connected.
    pub(crate) fn open(&self) -> Result<Shell, Trouble> {
        let home = self.home()?;
        let dialer = self.dialer()?;
        let store = Store::open(&home)?;
        let replica = Replica::open(store.rows()?, random()?).map_err(|error| match error {
            // Begun and never written: as good as no store.
            OpenError::Empty => StoreError::Absent {
                home: home.display().to_string(),
            }
            .into(),
            error => Trouble::Open(error),
        })?;
        let mut shell = Shell::start(replica, store, dialer)?;
        if self.space != SpaceName::PLAN {
            let space = self.space.space(&shell.replica().directory());
            shell.work_on(space.ok_or(Failure::NotYetMember)?);
        }
        Ok(shell)
    }

    /// Makes the home of a replica that begins, not connected.
    pub(crate) fn begin(
        &self,
        make: impl FnOnce([u8; 32]) -> Result<Replica, StartError>,
    ) -> Result<Shell, Trouble> {
        let home = self.home()?;
        let dialer = self.dialer()?;
        let replica = make(random()?)?.named(&host_name());
        let store = Store::create(&home)?;
        Ok(Shell::start(replica, store, dialer)?)
    }

    /// What reaches relays; nothing where offline by choice.
    pub(crate) fn dialer(&self) -> Result<Option<Dialer>, Trouble> {
        if self.offline {
            return Ok(None);
        }
        Ok(Some(Dialer::new(self.ca.as_ref())?))
    }
}

/// All that the command line says.
pub(crate) const fn texts(language: Language) -> Texts {
    Texts::new(language, &[SHARED, COMMAND_LINE])
}

/// The day in the time zone of this machine.
pub(crate) fn today() -> Date {
    let day = jiff::Zoned::now().date().to_string();
    // Beyond the year 9999 days have another form; an impossible clock is no reason to fail.
    Date::parse(&day)
        .or_else(|_| Date::parse("1970-01-01"))
        .expect("a constant day of the calendar")
}

/// What this machine is called: a device's first name.
fn host_name() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Trouble> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Trouble::Entropy)?;
    Ok(bytes)
}
