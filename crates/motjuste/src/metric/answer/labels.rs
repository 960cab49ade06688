//! The words around an answer: where it begins, where it ended, where the next question begins.

/// "Question:" in the eleven languages that the published extraction knows, and its short form.
pub(super) const QUESTION: [&str; 12] = [
    "প্রশ্ন: ",
    "Frage: ",
    "Question: ",
    "Pregunta: ",
    "Question : ",
    "問題：",
    "Задача: ",
    "Swali: ",
    "ప్రశ్న: ",
    "โจทย์: ",
    "问题：",
    "Q:",
];

/// "Step-by-step answer:" in the same languages, then the marker of GSM8K's solutions.
pub(super) const STEP_BY_STEP: [&str; 12] = [
    "ধাপে ধাপে উত্তর: ",
    "Schritt-für-Schritt-Antwort: ",
    "Step-by-Step Answer: ",
    "Respuesta paso a paso: ",
    "Réponse étape par étape : ",
    "ステップごとの答え：",
    "Пошаговое решение: ",
    "Jibu la Hatua kwa Hatua: ",
    "దశలవారీగా సమాధానం: ",
    "คำตอบทีละขั้นตอน: ",
    "逐步解答：",
    "#### ",
];

/// The answer stands behind these.
pub(super) const PRIMARY: [&str; 3] = ["answer is ", "answer: ", "answer is: "];

/// And behind these, where none of the primary ones occurs.
pub(super) const SECONDARY: [&str; 2] = ["is: ", "are: "];

/// The answer stands before these.
pub(super) const AHEAD: [&str; 4] =
    [" is the correct answer", " is the right answer", " is the final answer", " is the answer"];

/// What some replies say between an answer and its reasons.
pub(super) const SOLUTION: &str = "this is the solution:";
