"""What transformers makes of a message, for templates in the styles of the families.

    python crates/motjuste-lm/tests/templates/make.py

writes tokenizer.json (bytes and special tokens, with a token that begins a text) and goldens.json.
The templates are ours.
"""

import json
from datetime import datetime
from pathlib import Path

import transformers.utils.chat_template_utils as chat_templates
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

HERE = Path(__file__).resolve().parent

CHATML = """{%- for message in messages %}
    {%- if loop.first and message.role != 'system' %}
        {{- '<|im_start|>system\\nYou are of help.<|im_end|>\\n' }}
    {%- endif %}
    {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""

# Macros, namespaces, slices, Python's string methods, the date.
HEADERS = """{{- bos_token }}
{%- macro head(role) -%}
    {{ '<|start_header_id|>' ~ role ~ '<|end_header_id|>\\n\\n' }}
{%- endmacro %}
{%- set state = namespace(system='', seen=0) %}
{%- if messages[0]['role'] == 'system' %}
    {%- set state.system = messages[0]['content'].strip() %}
    {%- set messages = messages[1:] %}
{%- endif %}
{{- head('system') }}
{%- if strftime_now is defined %}
    {{- 'Today: ' + strftime_now('%d %b %Y') + '\\n\\n' }}
{%- endif %}
{%- if tools is not none %}{{- 'Tools: ' + tools | tojson }}{%- endif %}
{{- state.system + '<|eot_id|>' }}
{%- for message in messages %}
    {%- if message.role.startswith('tool') %}{% continue %}{% endif %}
    {%- set state.seen = state.seen + 1 %}
    {{- head(message['role']) + message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- head('assistant') }}
{%- endif %}
"""

INSTRUCTION = """{{ bos_token }}
{%- for message in messages -%}
{%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
{{ raise_exception('user and assistant take turns') }}
{%- endif -%}
{%- if message['role'] == 'user' -%}
{{ '[INST] ' + message['content'] + ' [/INST]' }}
{%- else -%}
{{ ' ' + message['content'].split('</think>')[-1].lstrip('\\n') + eos_token }}
{%- endif -%}
{%- endfor -%}
"""

TURNS = """{{ bos_token }}
{% if messages[0]['role'] == 'system' %}
    {{ raise_exception('no system role') }}
{% endif %}
{% for message in messages %}
  {% set role = 'model' if message['role'] == 'assistant' else message['role'] %}
<start_of_turn>{{ role }}
  {% if message['content'] is string %}
{{ message['content'] | trim }}<end_of_turn>
  {% endif %}
{% endfor %}
{% if add_generation_prompt %}
<start_of_turn>model
{% endif %}
"""

MARKED = """{% for message in messages %}
{% if message.role == 'assistant' %}
{%- generation -%}
{{ message.content }}<|end|>
{%- endgeneration -%}
{% else %}
<|{{ message.role }}|>
{{ message.content }}<|end|>
{% endif %}
{% endfor %}
{% if add_generation_prompt %}<|assistant|>
{% endif %}"""

TEMPLATES = {
    "chatml": CHATML,
    "headers": HEADERS,
    "instruction": INSTRUCTION,
    "turns": TURNS,
    "marked": MARKED,
}
MESSAGES = ["name the opposite of hot", "  between spaces \n", 'two\nlines, "{{ quoted }}", größer & <b>']
SPECIAL = [
    "<s>", "</s>", "<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>",
    "<|eot_id|>", "<start_of_turn>", "<end_of_turn>", "<|user|>", "<|assistant|>", "<|end|>",
]  # fmt: skip


class FixedDate(datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2024, 7, 26)


def tokenizer() -> Tokenizer:
    """Bytes, special tokens, and `<s>` in front of every text."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate([*SPECIAL, *alphabet])}
    made = Tokenizer(models.BPE(vocabulary, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(SPECIAL)
    made.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    return made


def golden(wrapped: PreTrainedTokenizerFast, name: str, message: str) -> dict:
    turn = [{"role": "user", "content": message}]
    text = wrapped.apply_chat_template(turn, tokenize=False, add_generation_prompt=True)
    encoded = wrapped(text, add_special_tokens=False, return_offsets_mapping=True)
    start = text.index(message if message in text else message.strip())
    soft_at = sum(end <= start for _, end in encoded["offset_mapping"])
    ids = wrapped.apply_chat_template(turn, add_generation_prompt=True)["input_ids"]
    assert ids == encoded["input_ids"]
    return {"template": name, "message": message, "text": text, "tokens": ids, "soft_at": soft_at}


def main() -> None:
    chat_templates.datetime = FixedDate
    made = tokenizer()
    made.save(str(HERE / "tokenizer.json"), pretty=False)
    goldens = []
    for name, template in TEMPLATES.items():
        wrapped = PreTrainedTokenizerFast(
            tokenizer_object=made, bos_token="<s>", eos_token="</s>", chat_template=template
        )
        goldens += [golden(wrapped, name, message) for message in MESSAGES]
    plain = [{"text": text, "tokens": wrapped(text)["input_ids"]} for text in MESSAGES]
    content = {"templates": TEMPLATES, "goldens": goldens, "plain": plain}
    (HERE / "goldens.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
