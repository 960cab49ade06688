//! What a prompt may advise: six kinds, one of them none.

pub(super) const TIPS: [&str; 6] = [
    "",
    "Be creative.",
    "Keep the instruction clear and short.",
    "Make the instruction detailed: say all that whoever follows it must know.",
    "Put whoever follows the instruction into a situation in which much depends on a right answer.",
    "Give whoever follows the instruction a role that suits the task.",
];
