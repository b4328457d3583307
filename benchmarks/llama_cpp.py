"""llama.cpp's server with the tiny model, for the length of a command: `python -m benchmarks.llama_cpp [--embedding] COMMAND...`

With --embedding it embeds, and does nothing else.
The command finds the server's address and key in OPENAI_BASE_URL and OPENAI_API_KEY. Wants the packages xllamacpp, gguf, safetensors and
ml_dtypes, which bring the server itself and no compiler.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

MODEL = Path("fixtures/models/tiny")
KEY = "sk-llama-cpp"
NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
"""What GGUF calls the weights of a layer; the others are in WHOLE."""
WHOLE = {"embed_tokens": "token_embd", "norm": "output_norm", "lm_head": "output"}


def convert(model: Path, out: Path) -> None:
    """Write a Qwen3 checkpoint as GGUF in float32."""
    import gguf
    import ml_dtypes  # noqa: F401 - numpy knows bfloat16 by it
    import numpy
    from safetensors.numpy import load_file

    config = json.loads((model / "config.json").read_text())
    writer = gguf.GGUFWriter(str(out), "qwen3")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_rope_freq_base(float(config.get("rope_theta") or config["rope_parameters"]["rope_theta"]))
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    _add_tokenizer(writer, model, config)
    for name, weight in load_file(model / "model.safetensors").items():
        writer.add_tensor(f"{_name(name)}.weight", weight.astype(numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokenizer(writer, model: Path, config: dict) -> None:
    import gguf

    tokenizer = json.loads((model / "tokenizer.json").read_text())
    tokens = [b"[PAD%d]" % n for n in range(config["vocab_size"])]
    kinds = [gguf.TokenType.UNUSED] * len(tokens)
    for text, n in tokenizer["model"]["vocab"].items():
        tokens[n], kinds[n] = text.encode(), gguf.TokenType.NORMAL
    for added in tokenizer["added_tokens"]:
        kind = gguf.TokenType.CONTROL if added["special"] else gguf.TokenType.USER_DEFINED
        tokens[added["id"]], kinds[added["id"]] = added["content"].encode(), kind
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    merges = tokenizer["model"]["merges"]
    writer.add_token_merges([" ".join(pair) if isinstance(pair, list) else pair for pair in merges])
    end = config["eos_token_id"]
    writer.add_eos_token_id(end if isinstance(end, int) else end[0])
    writer.add_pad_token_id(config["pad_token_id"])
    writer.add_add_bos_token(False)
    writer.add_chat_template((model / "chat_template.jinja").read_text())


def _name(weight: str) -> str:
    name = weight.removeprefix("model.").removesuffix(".weight")
    if name in WHOLE:
        return WHOLE[name]
    _, layer, rest = name.split(".", 2)
    return f"blk.{layer}.{NAMES[rest]}"


def serve(gguf_file: Path, slots: int = 4, *, embeds: bool = False):
    """The server, listening on a free port of this machine as long as it is referred to."""
    import xllamacpp

    wanted = xllamacpp.CommonParams()
    if embeds:
        wanted.embedding = True
        wanted.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    wanted.model.path = str(gguf_file)
    wanted.model_alias = {"tiny"}
    wanted.n_ctx, wanted.n_parallel = 2048 * slots, slots
    wanted.use_jinja = True
    wanted.hostnames, wanted.port = ["127.0.0.1"], 0
    wanted.api_keys = [KEY]
    wanted.cpuparams.n_threads = 1
    return xllamacpp.Server(wanted)


def main() -> int:
    embeds = sys.argv[1:2] == ["--embedding"]
    if not (command := sys.argv[1 + embeds :]):
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tiny.gguf"
        convert(MODEL, file)
        server = serve(file, embeds=embeds)
        where = {"OPENAI_BASE_URL": f"{server.listening_address}/v1", "OPENAI_API_KEY": KEY}
        return subprocess.run(command, env={**os.environ, **where}).returncode


if __name__ == "__main__":
    sys.exit(main())
