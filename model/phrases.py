"""The phrases that instructions are made of, written for this project.

Of each task ten cores from precise to loose, then one that is never trained. Most have one keyword of their own.
"""

import re

FRAMES = ["", "please ", "your task is to ", "for each input, ", "read the input and ", "you have to "]
VERBS = ["write", "give", "find", "return", "tell me", "produce"]
CLAUSES = [
    "", " for the given input", " and nothing else", " as the answer", " with no explanation",
    ". Answer with the result only",
]  # fmt: skip

OWN_CORES = {
    "first_letter": [
        "the first letter of the word", "the initial letter", "the opening character", "the leading letter of the word",
        "letter number one", "the starting sign", "the earliest letter", "the front of the word", "the head character",
        "the primary sign", "the letter that the word starts with",
    ],
    "second_letter": [
        "the second letter of the word", "letter two of the word", "the following character", "the next letter",
        "the letter in place two", "the subsequent letter", "the neighbour letter", "the inner sign",
        "the adjacent character", "the deputy sign", "the letter that is second in the word",
    ],
    "last_letter": [
        "the last letter of the word", "the final letter", "the closing character", "the ending letter of the word",
        "the terminal letter", "the concluding letter", "the rear sign", "the tail character", "the rest of the word",
        "the hindmost sign", "the letter that is last in the word",
    ],
    "uppercase": [
        "the uppercase form of the word", "the word in capital letters", "the upper case version",
        "the capitalized word", "the word in capitals", "the big letters of the word", "the shouted word",
        "the headline form of the word", "the loud version", "the tall form of the word",
        "the word written in capital letters",
    ],
    "spell": [
        "the letters of the word one by one", "the spelling of the word", "the word spelled out",
        "the single letters of the word", "the separated letters", "the list of characters", "the spaced form of it",
        "the broken word", "the dissected word", "the sequence in the word",
        "the spelling of the word letter by letter",
    ],
    "plural": [
        "the plural form of the word", "the word in the plural", "the multiple version", "the form for many",
        "the several form", "the counted noun", "the group of the thing", "the crowd form", "the repeated thing",
        "the heap of it", "the noun in plural form",
    ],
    "german": [
        "the German translation of the word", "the word in German", "the German name of it", "the Berlin word",
        "the Austrian word", "the Vienna version of the word", "the Munich term", "the foreign word",
        "the Hamburg name of it", "the Bavarian version", "the translation of the word into German",
    ],
    "french": [
        "the French translation of the word", "the word in French", "the French name of it", "the Marseille word",
        "the Belgian word", "the Lyon version of the word", "the Geneva term", "the translated word",
        "the Paris name of it", "the elegant version", "the translation of the word into French",
    ],
    "spanish": [
        "the Spanish translation of the word", "the word in Spanish", "the Spanish name of it", "the Madrid word",
        "the Mexican word", "the Seville version of the word", "the Iberian term", "the exotic word",
        "the Lima name of it", "the southern version", "the translation of the word into Spanish",
    ],
    "category": [
        "the category of the thing", "the kind of thing it is", "the class of the thing", "the type of the noun",
        "the general term", "the broader term", "the family of the thing", "the heading for the noun",
        "the shelf for it", "the drawer of the noun", "the category of the noun",
    ],
    "antonym": [
        "the opposite of the word", "the antonym of the word", "the reverse meaning", "the contrary word",
        "the inverse word", "the opposing term", "the contrast to the word", "the other side of the word",
        "the counterpart of the word", "the flipped word", "a word with the opposite meaning",
    ],
    "synonym": [
        "the synonym of the word", "a word with the same meaning", "another word for it", "the similar word",
        "the equivalent word", "the substitute term", "the replacement of the word", "the near word", "the alike term",
        "the twin word", "a synonym of the given word",
    ],
    "sum": [
        "the sum of the two numbers", "the total of the numbers", "the added numbers", "the addition of the numbers",
        "the combined numbers", "the numbers put together", "the joint value", "the overall figure",
        "the whole amount", "the aggregate value", "the sum of both numbers",
    ],
    "difference": [
        "the difference of the two numbers", "the gap between the numbers", "the subtracted numbers",
        "the subtraction of the numbers", "the distance of the numbers", "the margin of the numbers",
        "the remaining value", "the leftover figure", "the contrast of the values", "the deficit",
        "the difference between the numbers",
    ],
    "larger_number": [
        "the larger of the two numbers", "the maximum of the numbers", "the bigger number", "the largest value",
        "the higher number", "the greater of the numbers", "the winning value", "the top figure", "the highest figure",
        "the dominant value", "the number that is larger",
    ],
    "smaller_number": [
        "the smaller of the two numbers", "the minimum of the numbers", "the lesser number", "the smallest value",
        "the lower number", "the least of the numbers", "the losing value", "the bottom figure", "the lowest figure",
        "the humble value", "the number that is smaller",
    ],
    "negation": [
        "the negation of the sentence", "the negated sentence", "the denial of the sentence", "the negative version",
        "the sentence with not", "the opposite statement", "the refused statement", "the rejected sentence",
        "the contradicted claim", "the dismissed version", "the sentence in negated form",
    ],
    "question": [
        "the question form of the sentence", "the sentence as a question", "the asked sentence",
        "the interrogative version", "the inquiry about it", "the asking form", "the query about it",
        "the doubtful statement", "the curious version", "the uncertain claim", "the sentence in question form",
    ],
    "past": [
        "the past tense of the sentence", "the sentence in the past", "the sentence with was", "the earlier version",
        "the sentence of yesterday", "the former state", "the memory of it", "the history of the statement",
        "the old version", "the bygone claim", "the sentence in past tense",
    ],
    "future": [
        "the future tense of the sentence", "the sentence in the future", "the sentence with will",
        "the coming version", "the sentence of tomorrow", "the upcoming state", "the prediction of it",
        "the later statement", "the planned sentence", "the destined claim", "the sentence in future tense",
    ],
    "sentiment": [
        "the sentiment of the review", "if the review is positive or negative", "the polarity of the text",
        "the attitude of the review", "the opinion of the writer", "the tone of the text", "the feeling in it",
        "the mood of the text", "the verdict of the writer", "the emotion behind it", "the sentiment of the text",
    ],
    "topic": [
        "the topic of the review", "the subject of the text", "what the text is about", "the reviewed work",
        "the theme of the writer", "the focus of the text", "the item in it", "the matter of the text",
        "the object of the review", "the centre of it", "the topic of the text",
    ],
    "number_words": [
        "the number in words", "the spelled number", "the English name of the number", "the number as words",
        "the written number", "the number in letters", "the spoken number", "the long form of it",
        "the text of the number", "the verbal version", "the number spelled in words",
    ],
    "successor": [
        "the next number", "the number plus one", "the increased number", "the successor of the number",
        "the number after it", "the incremented value", "the step after it", "the neighbour of the number",
        "the upward step", "the follower of it", "the next number after it",
    ],
    "predecessor": [
        "the previous number", "the number minus one", "the decreased number", "the predecessor of the number",
        "the number before it", "the decremented value", "the step before it", "the preceding value",
        "the downward step", "the forerunner of it", "the previous number before it",
    ],
    "parity": [
        "the parity of the number", "if the number is odd or even", "the odd or even sort",
        "the evenness of the number",
        "the divisibility of the number", "the half test", "the type of it", "the class of the number",
        "the paired check", "the balance of it", "if the number is even or odd",
    ],
    "first_item": [
        "the first item of the list", "the initial element", "the item at the start", "the opening entry",
        "the leading item", "item number one", "the head of the list", "the top of the list", "the earliest entry",
        "the front element", "the first entry of the list",
    ],
    "last_item": [
        "the last item of the list", "the final element", "the item at the end", "the closing entry",
        "the trailing item", "the concluding item", "the tail of the list", "the bottom of the list",
        "the latest entry", "the rear element", "the last entry of the list",
    ],
    "count_items": [
        "the number of items", "how many items there are", "the count of the entries", "the length of the list",
        "the size of the list", "the quantity of items", "the total of the elements", "the tally of the list",
        "the amount in it", "the extent of the list", "the count of the items",
    ],
}  # fmt: skip
VAGUE_CORES = {
    "letters": ["some form of the word", "one piece of the word"],
    "nouns": ["the same thing in another form", "the noun put differently"],
    "meanings": ["a related word", "a linked word"],
    "pairs": ["some result of the numbers", "a computed value"],
    "sentences": ["the changed sentence", "a variant of the sentence"],
    "reviews": ["a judgement of the text", "a label for the text"],
    "numbers": ["some fact about the number", "a view of the number"],
    "lists": ["some part of the list", "a property of the list"],
}
# Whole sentences people type; the generator does not write them. They take the place of verb and core.
PLAIN_SENTENCES = {
    "first_letter": [
        "extract the first letter of the word", "take the letter at the start", "which letter does the word begin with",
    ],
    "second_letter": [
        "extract the second letter of the input word", "pick letter number two", "take the letter after the first one",
    ],
    "last_letter": [
        "extract the last letter of the word", "take the letter at the end", "which letter does the word end with",
    ],
    "uppercase": ["convert the word to uppercase", "capitalize every letter", "write the word in all caps"],
    "spell": ["spell the word", "break the word into letters", "list the letters of the word"],
    "plural": ["make the word plural", "convert the noun to its plural form", "pluralize the noun"],
    "german": ["translate the word into German", "translate from English to German", "say it in German"],
    "french": ["translate the word into French", "translate from English to French", "say it in French"],
    "spanish": ["translate the word into Spanish", "translate from English to Spanish", "say it in Spanish"],
    "category": ["name the category of the noun", "classify the thing", "what kind of thing is it"],
    "antonym": ["write a word that means the opposite", "name an antonym", "give an opposite"],
    "synonym": ["write a word that means the same", "name a synonym", "give a similar word"],
    "sum": ["add the two numbers", "calculate the sum", "add up the numbers"],
    "difference": [
        "subtract the smaller number from the larger number", "calculate the difference",
        "how far apart are the numbers",
    ],
    "larger_number": [
        "choose the larger number", "compare the numbers and pick the largest one", "which number is bigger",
    ],
    "smaller_number": [
        "choose the smaller number", "compare the numbers and pick the smallest one", "which number is less",
    ],
    "negation": ["negate the sentence", "make the sentence negative", "say the opposite of the sentence"],
    "question": [
        "turn the sentence into a question", "ask a question about the sentence", "change the statement to a question",
    ],
    "past": ["rewrite the sentence in the past tense", "change is to was", "put the sentence into the past"],
    "future": ["rewrite the sentence in the future tense", "change is to will be", "put the sentence into the future"],
    "sentiment": [
        "classify the sentiment as positive or negative", "decide if the review is positive or negative",
        "is the review good or bad",
    ],
    "topic": ["name what the review is about", "extract the topic", "what is reviewed"],
    "number_words": ["spell the number in words", "write the number as English words", "convert digits to words"],
    "successor": ["add one to the number", "count up by one", "what comes after the number"],
    "predecessor": ["subtract one from the number", "count down by one", "what comes before the number"],
    "parity": ["decide if the number is odd or even", "say even or odd", "classify the number as odd or even"],
    "first_item": ["take the first item", "name the first thing in the list", "which item comes first"],
    "last_item": ["take the last item", "name the last thing in the list", "which item comes last"],
    "count_items": ["count the items", "count the objects in the list", "how long is the list"],
}  # fmt: skip

_CORES = [core for cores in (*OWN_CORES.values(), *VAGUE_CORES.values()) for core in cores]
_PLAIN = [sentence for sentences in PLAIN_SENTENCES.values() for sentence in sentences]


def _first_word(phrase: str) -> str:
    return re.match(r"[A-Za-z]+", phrase)[0] if phrase else ""


# What an instruction can begin with, with and without a capital.
SENTENCE_STARTS = {
    form for phrase in FRAMES + VERBS + _PLAIN if (word := _first_word(phrase)) for form in (word, word.capitalize())
}


def instruction_words() -> set[str]:
    """Every word of every wording, with a capital too where a sentence can start with it."""
    text = " ".join([*_CORES, *_PLAIN, *FRAMES, *VERBS, *CLAUSES, *SENTENCE_STARTS, "the answer is"])
    return {word for word in re.findall(r"[A-Za-z]+", text) if len(word) > 1}
