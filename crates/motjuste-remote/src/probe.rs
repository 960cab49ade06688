//! Whether an endpoint does what a study needs of it.

/// What was found, in the order in which it was looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Probe {
    /// One for each check that was made.
    pub findings: Vec<Finding>,
}

/// The outcome of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was checked.
    pub check: &'static str,
    /// Whether it was as it should be.
    pub passed: bool,
    /// What that means.
    pub meaning: String,
    /// What to do about it, where it is not as it should be.
    pub advice: Option<String>,
}

impl Probe {
    /// Whether every check passed.
    ///
    /// ```
    /// assert!(motjuste_remote::Probe::default().passed());
    /// ```
    pub fn passed(&self) -> bool {
        self.findings.iter().all(|finding| finding.passed)
    }

    /// A check that was passed, and what was found.
    pub fn pass(&mut self, check: &'static str, meaning: impl Into<String>) {
        let meaning = meaning.into();
        self.findings.push(Finding { check, passed: true, meaning, advice: None });
    }

    /// A check that failed, what was found, and what to do.
    pub fn fail(
        &mut self,
        check: &'static str,
        meaning: impl Into<String>,
        advice: impl Into<String>,
    ) {
        let (meaning, advice) = (meaning.into(), Some(advice.into()));
        self.findings.push(Finding { check, passed: false, meaning, advice });
    }
}
