//! A task file for a person's own rows: what they say, and what is found in the rows.

use std::path::Path;

use motjuste::metric::registry;
use motjuste::task::FileFormat;
use motjuste::{Error, Result};

use crate::draft::{Draft, MetricDraft};
use crate::explain;
use crate::infer::{Guess, Survey};
use crate::names;
use crate::prompt::slots;

/// What a person says of their task; what they leave out is found in the rows.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// The path of the rows, as the task file names it.
    pub data: String,
    /// How that file is written, where it does not say so itself.
    pub format: FileFormat,
    /// The path of the prompt in use, as the task file names it, and its text.
    pub prompt: Option<(String, String)>,
    /// The columns of the input; none: those that the prompt names, or all but the output.
    pub inputs: Vec<String>,
    /// The column of the expected output; none: the one that is called so.
    pub output: Option<String>,
    /// The metric; none: the one that fits the outputs.
    pub metric: Option<String>,
    /// The judging model, where the metric is `judge`.
    pub judge: Option<String>,
}

/// The name of the metric that is a judging model.
const JUDGE: &str = "judge";

impl Wishes {
    /// The task file, with what was decided in sentences.
    ///
    /// ```
    /// # fn main() -> motjuste::Result<()> {
    /// use motjuste_convert::{Wishes, survey};
    /// let folder = tempfile::tempdir().unwrap();
    /// let path = folder.path().join("rows.csv");
    /// std::fs::write(&path, "text,price\na,1.5\nb,2\nc,3.25\n").unwrap();
    /// let wishes = Wishes { data: "rows.csv".into(), output: Some("price".into()), ..Wishes::default() };
    /// let (file, decided) = wishes.task_file(&survey(&path, &wishes.format)?)?;
    /// assert!(file.contains("metric = \"number\"") && file.contains("input = \"text\""));
    /// assert_eq!(decided.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_data`] for a column that no row has, [`Error::is_configuration`] for an unknown metric,
    /// and where nothing is left to be the input.
    pub fn task_file(&self, survey: &Survey) -> Result<(String, Vec<String>)> {
        let mut decided = Vec::new();
        let output = self.output(survey, &mut decided)?;
        let inputs = self.inputs(survey, output.as_deref(), &mut decided)?;
        let metric = self.metric(survey, output.as_deref(), &mut decided)?;
        let stem = Path::new(&self.data).file_stem().and_then(|stem| stem.to_str());
        let draft = Draft {
            name: names::task_name(stem.unwrap_or("task")),
            data_file: Some(self.data.clone()),
            format: self.format.clone(),
            start_files: self.prompt.iter().map(|(path, _)| path.clone()).collect(),
            inputs,
            output,
            metric,
            ..Draft::default()
        };
        Ok((explain::task_file(&draft)? + HINTS, decided))
    }

    /// The column that probably holds what is right: the one that is called so, or the only one that the prompt in use does
    /// not name.
    pub fn offered_output(&self, survey: &Survey) -> Option<String> {
        self.found_output(survey).map(|(name, _)| name)
    }

    /// That column, and why it is thought to be.
    fn found_output(&self, survey: &Survey) -> Option<(String, &'static str)> {
        if let Some(name) = survey.output() {
            return Some((name, "by its name"));
        }
        let columns = survey.columns();
        let (named, others) = self.split_by_prompt(&columns);
        match (&named[..], &others[..]) {
            ([_, ..], [other]) => {
                Some((other.to_string(), "the only column that the prompt does not name"))
            }
            _ => None,
        }
    }

    /// The columns that the prompt names, and the others.
    fn split_by_prompt<'a>(&self, columns: &'a [String]) -> (Vec<&'a String>, Vec<&'a String>) {
        let named: Vec<String> = self.prompt.iter().flat_map(|(_, text)| slots(text)).collect();
        columns.iter().partition(|name| named.contains(name))
    }

    fn output(&self, survey: &Survey, decided: &mut Vec<String>) -> Result<Option<String>> {
        if let Some(named) = &self.output {
            survey.check(named)?;
            return Ok(Some(named.clone()));
        }
        let is_judged = self.metric.as_deref() == Some(JUDGE);
        let found = match is_judged {
            true => survey.output().map(|name| (name, "by its name")),
            false => self.found_output(survey),
        };
        match &found {
            Some((name, why)) => decided.push(format!("output: {name}, {why}")),
            None if is_judged => {}
            None => {
                return Err(Error::configuration("no column is called as an expected output is")
                    .with_help(format!(
                        "name the column of the output ({}), or score with a judge",
                        survey.columns().join(", ")
                    )));
            }
        }
        Ok(found.map(|(name, _)| name))
    }

    fn inputs(
        &self,
        survey: &Survey,
        output: Option<&str>,
        decided: &mut Vec<String>,
    ) -> Result<Vec<String>> {
        if !self.inputs.is_empty() {
            self.inputs.iter().try_for_each(|name| survey.check(name))?;
            return Ok(self.inputs.clone());
        }
        let others: Vec<String> =
            survey.columns().into_iter().filter(|name| Some(name.as_str()) != output).collect();
        let of_prompt: Vec<String> = self.split_by_prompt(&others).0.into_iter().cloned().collect();
        let (found, why) = match (of_prompt.is_empty(), others.iter().any(|name| name == "input")) {
            (false, _) => (of_prompt, "which the prompt names"),
            (true, true) => (vec!["input".to_owned()], "by its name"),
            (true, false) => (others, "all columns but the output"),
        };
        if found.is_empty() {
            return Err(Error::configuration("no column is left to be the input")
                .with_help("rows need an input beside the output"));
        }
        decided.push(format!("input: {}, {why}", found.join(", ")));
        Ok(found)
    }

    fn metric(
        &self,
        survey: &Survey,
        output: Option<&str>,
        decided: &mut Vec<String>,
    ) -> Result<MetricDraft> {
        let name = match (&self.metric, output) {
            (Some(name), _) => name.clone(),
            (None, Some(output)) => {
                let guess = chosen(survey.guess(output))?;
                decided.push(format!("metric: {}, as {}", guess.metric, guess.why));
                guess.metric.to_owned()
            }
            (None, None) => JUDGE.to_owned(),
        };
        if name == JUDGE {
            let model = self.judge.clone().unwrap_or_else(|| names::JUDGE.to_owned());
            decided.push(format!("judge: {model}"));
            return Ok(MetricDraft::Judge { model, rubric: None, scale: None });
        }
        check_metric(&name)?;
        Ok(MetricDraft::Named(name.into(), Vec::new()))
    }
}

/// Whether a metric is called so, or it is a judge.
///
/// # Errors
/// [`Error::is_configuration`] for another name.
///
/// ```
/// assert!(motjuste_convert::check_metric("label").is_ok());
/// assert!(motjuste_convert::check_metric("lable").is_err());
/// ```
pub fn check_metric(name: &str) -> Result<()> {
    let is_called = |it: &registry::Entry| it.name == name || it.alias == Some(name);
    match name == JUDGE || registry::ENTRIES.iter().any(is_called) {
        true => Ok(()),
        false => Err(unknown(name)),
    }
}

/// A metric that costs nothing; a judge is a person's own choice.
fn chosen(guess: Guess) -> Result<Guess> {
    match guess.metric {
        JUDGE => Err(Error::configuration(format!("the metric is to be chosen: {}", guess.why)).with_help(
            "choose judge (a model reads the answers and costs money), f1 (words in common) or rouge_l; or \
             write a program, see docs/src/scores.md",
        )),
        _ => Ok(guess),
    }
}

fn unknown(name: &str) -> Error {
    let names: Vec<&str> = registry::ENTRIES.iter().map(|it| it.name).chain([JUDGE]).collect();
    Error::configuration(format!("unknown metric \"{name}\""))
        .with_help(format!("use one of: {}", names.join(", ")))
}

/// What a person may write next.
const HINTS: &str = "\n# What the target reads. Without this: the instruction as the system's message, the input as the\n\
    # user's; or the prompt alone, where it names columns as {{ column }}.\n\
    # [prompt]\n# system = \"{{ instruction }}\"\n# user = \"{{ input }}\"\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn survey_of(text: &str) -> Survey {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        std::fs::write(&path, text).unwrap();
        crate::survey(&path, &FileFormat::default()).unwrap()
    }

    #[test]
    fn the_prompt_says_which_columns_are_input() {
        let survey =
            survey_of("id,ticket,queue\n1,late,ship\n2,bill,pay\n3,lost,ship\n4,fee,pay\n");
        let prompt = Some(("p.txt".to_owned(), "Sort {{ ticket }}.".to_owned()));
        let wishes = Wishes {
            data: "rows.csv".into(),
            prompt,
            output: Some("queue".into()),
            ..Wishes::default()
        };
        let (file, _) = wishes.task_file(&survey).unwrap();
        assert!(
            file.contains("input = \"ticket\"") && file.contains("start = \"p.txt\""),
            "{file}"
        );
        assert!(file.contains("metric = \"label\""));
        let error = Wishes { metric: Some("bleu".into()), ..wishes.clone() }.task_file(&survey);
        assert!(error.unwrap_err().help().unwrap().contains("rouge_l"));
        let error = Wishes { output: Some("quue".into()), ..wishes }.task_file(&survey);
        assert!(error.unwrap_err().help().unwrap().contains("queue"));
    }

    #[test]
    fn the_only_column_that_the_prompt_does_not_name_is_the_output() {
        let named = |text: &str| Wishes {
            data: "rows.csv".into(),
            prompt: Some(("p.txt".into(), text.into())),
            ..Wishes::default()
        };
        let two = survey_of("ticket,queue\n1,a\n2,b\n3,a\n4,b\n");
        let (file, decided) = named("Sort {{ ticket }}.").task_file(&two).unwrap();
        assert!(
            file.contains("output = \"queue\"") && file.contains("input = \"ticket\""),
            "{file}"
        );
        assert!(decided[0].contains("does not name"), "{decided:?}");
        assert_eq!(named("Sort {{ ticket }}.").offered_output(&two).unwrap(), "queue");
        assert!(named("Sort it.").task_file(&two).is_err(), "it names none");
        let three = survey_of("id,ticket,queue\n1,x,a\n2,y,b\n");
        assert!(named("Sort {{ ticket }}.").task_file(&three).is_err(), "two are left");
    }

    #[test]
    fn long_outputs_ask_for_a_choice_and_none_for_a_judge() {
        let long = survey_of("input,output\na,one two three four five six seven eight nine\n");
        let error = Wishes::default().task_file(&long).unwrap_err();
        assert!(error.help().unwrap().contains("judge"));
        let none = survey_of("input\na\n");
        assert!(Wishes::default().task_file(&none).is_err());
        let judged = Wishes { metric: Some("judge".into()), ..Wishes::default() };
        assert!(judged.task_file(&none).unwrap().0.contains("judge = "));
    }
}
