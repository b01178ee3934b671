"""Facts of hosted endpoints that sound comes out of or goes into, in a short notation, and documents made of them.

`name`* is required; int(1..100)=8 has limits and a default; {a/b} is a choice; [X] a list; X|null may be null.
"""

import json
import re

FILE = "url* str; content_type str|null; file_name str|null; file_size int|null"
AUDIO_SETTING = (
    "sample_rate {16000/24000/32000/44100}:integer=44100; bitrate {32000/64000/128000/256000}:integer=256000; "
    'format {mp3/wav/pcm}="mp3"'
)
FORMATS = (
    "{mp3_22050_32/mp3_44100_32/mp3_44100_64/mp3_44100_96/mp3_44100_128/mp3_44100_192/pcm_8000/pcm_16000/pcm_22050/"
    "pcm_24000/pcm_44100/pcm_48000/ulaw_8000/alaw_8000/opus_48000_32/opus_48000_64/opus_48000_96/opus_48000_128/"
    "opus_48000_192}"
)
MIRELO = 'num_samples int(1..4)=1; seed int(-1..)|null; upload_audio_format {wav/mp3/aac/flac}="wav"'
SAM = (
    'reranking_candidates int(1..7)=1; acceleration {fast/balanced/quality}="balanced"; '
    'max_chunk_duration num(10..60)=60; chunk_overlap num(0..30)=5; output_format {wav/mp3}="wav"'
)
APART = "target* File; residual* File; duration* num; sample_rate int=48000"
SOUND, SOUNDS = "audio* File", "audio* [File]"
LOUDNESS = 'output_bitrate {128k/192k/256k/320k}="192k"'

# Endpoint; what it takes; what it gives; the kind of work; its roles; nested objects.
HOSTED: tuple[tuple[str, str, str, str, str, dict[str, str]], ...] = (
    (
        "fal-ai/stable-audio",
        "prompt* str; seconds_start int(0..47)=0; seconds_total int(0..47)=30; steps int(2..1000)=100",
        "audio_file* File",
        "generate",
        "prompt=prompt duration=seconds_total",
        {},
    ),
    (
        "mirelo-ai/sfx1.6/inpaint-audio",
        f"audio_url* str; segment* Segment; text_prompt str|null; {MIRELO}",
        SOUNDS,
        "fill",
        "source=audio_url mask_start=segment.start_s mask_end=segment.end_s prompt=text_prompt count=num_samples "
        "seed=seed output_format=upload_audio_format",
        {"Segment": "start_s* num(1..9); end_s* num(2..10)"},
    ),
    (
        "mirelo-ai/sfx1.6/extend-audio",
        f"audio_url* str; text_prompt str|null; append_duration num(1..57)=10; ambience bool=false; "
        f"double_output bool=false; {MIRELO}",
        SOUNDS,
        "extend",
        "source=audio_url extend_after=append_duration prompt=text_prompt count=num_samples seed=seed "
        "output_format=upload_audio_format",
        {},
    ),
    (
        "mirelo-ai/sfx1.6/text-to-audio",
        "text_prompt* str(minLength=4); duration num(0.1..60)=10; ambience bool=false; double_output bool=false; "
        f"{MIRELO}",
        SOUNDS,
        "generate",
        "prompt=text_prompt duration=duration count=num_samples seed=seed output_format=upload_audio_format",
        {},
    ),
    (
        "fal-ai/sam-audio/separate",
        f"audio_url* str; prompt* str; predict_spans bool=false; {SAM}",
        APART,
        "vary",
        "source=audio_url prompt=prompt output_format=output_format",
        {},
    ),
    (
        "fal-ai/sam-audio/span-separate",
        f"audio_url* str; prompt str|null; spans* [Span]; {SAM}; use_sound_activity_ranking bool=false; "
        "trim_to_span bool=false",
        APART,
        "vary",
        "source=audio_url prompt=prompt output_format=output_format",
        {"Span": "start* num(0..); end* num(0..); include bool=true"},
    ),
    (
        "fal-ai/sam-audio/visual-separate",
        f'video_url* str; mask_video_url str|null; prompt str=""; {SAM}',
        APART,
        "generate",
        "prompt=prompt output_format=output_format",
        {},
    ),
    (
        "fal-ai/demucs",
        "audio_url* str; model {htdemucs/htdemucs_ft/htdemucs_6s/hdemucs_mmi/mdx/mdx_extra/mdx_q/mdx_extra_q}"
        '="htdemucs_6s"; stems [{vocals/drums/bass/other/guitar/piano}]|null=["vocals", "drums"]; '
        'segment_length int|null; shifts int(1..10)=1; overlap num(0..1)=0.25; output_format {wav/mp3}="mp3"',
        "vocals File|null; drums File|null; bass File|null; other File|null; guitar File|null; piano File|null",
        "vary",
        "source=audio_url output_format=output_format",
        {},
    ),
    (
        "fal-ai/deepfilternet3",
        'audio_url* str; sync_mode bool=false; audio_format {mp3/aac/m4a/ogg/opus/flac/wav}="mp3"; bitrate str="192k"',
        "audio_file* AudioFile; timings* Timings",
        "vary",
        "source=audio_url sync=sync_mode output_format=audio_format bitrate=bitrate",
        {
            "Timings": "preprocess* num; inference* num; postprocess* num",
            "AudioFile": f"{FILE}; duration num|null; channels int|null; sample_rate int|null; bitrate str|int|null",
        },
    ),
    (
        "fal-ai/diffrhythm",
        'lyrics* str; reference_audio_url str; style_prompt str; music_duration {95s/285s}="95s"; '
        'cfg_strength num(1..10)=4; scheduler {euler/midpoint/rk4/implicit_adams}="euler"; '
        "num_inference_steps int(10..100)=32",
        SOUND,
        "generate",
        "lyrics=lyrics reference=reference_audio_url prompt=style_prompt",
        {},
    ),
    (
        "fal-ai/minimax-music",
        "prompt* str(minLength=1, maxLength=600); reference_audio_url* str",
        SOUND,
        "generate",
        "prompt=prompt reference=reference_audio_url",
        {},
    ),
    (
        "fal-ai/minimax-music/v2",
        "prompt* str(minLength=10, maxLength=2000); lyrics_prompt* str(minLength=10, maxLength=3000); "
        "audio_setting AudioSetting",
        SOUND,
        "generate",
        "prompt=prompt lyrics=lyrics_prompt output_format=audio_setting.format bitrate=audio_setting.bitrate",
        {"AudioSetting": AUDIO_SETTING.replace("mp3/wav/pcm", "mp3/pcm/flac")},
    ),
    (
        "fal-ai/minimax-music/v2.5",
        'prompt* str(minLength=1, maxLength=2000); lyrics str(maxLength=3500)=""; is_instrumental bool=false; '
        "lyrics_optimizer bool=false; audio_setting AudioSetting25",
        SOUND,
        "generate",
        "prompt=prompt lyrics=lyrics output_format=audio_setting.format bitrate=audio_setting.bitrate",
        {"AudioSetting25": AUDIO_SETTING},
    ),
    (
        "fal-ai/elevenlabs/music",
        "prompt str|null; composition_plan Plan|null; music_length_ms int(3000..600000)|null; "
        f'force_instrumental bool=false; respect_sections_durations bool=true; output_format {FORMATS}="mp3_44100_128"',
        SOUND,
        "generate",
        "prompt=prompt duration=music_length_ms output_format=output_format",
        {
            "Plan": "positive_global_styles* [str]; negative_global_styles* [str]; sections* [Section]",
            "Section": "section_name* str(minLength=1, maxLength=100); positive_local_styles* [str]; "
            "negative_local_styles* [str]; duration_ms* int(3000..120000); lines* [str]",
        },
    ),
    (
        "fal-ai/elevenlabs/sound-effects/v2",
        f"text* str; duration_seconds num(0.5..22)|null; prompt_influence num(0..1)=0.3; "
        f'output_format {FORMATS}="mp3_44100_128"; loop bool=false',
        SOUND,
        "generate",
        "prompt=text duration=duration_seconds output_format=output_format",
        {},
    ),
    (
        "fal-ai/elevenlabs/audio-isolation",
        "audio_url str|null; video_url str|null",
        "audio* File; timestamps [None]|null",
        "vary",
        "source=audio_url",
        {},
    ),
    (
        "fal-ai/elevenlabs/voice-changer",
        f'audio_url* str; voice str="Rachel"; remove_background_noise bool=false; seed int; '
        f'output_format {FORMATS}="mp3_44100_128"',
        "audio* File; seed* int",
        "vary",
        "source=audio_url seed=seed output_format=output_format",
        {},
    ),
    (
        "fal-ai/mmaudio-v2/text-to-audio",
        'prompt* str; negative_prompt str=""; seed int(0..65535)|null; num_steps int(4..50)=25; duration num(1..30)=8; '
        "cfg_strength num(0..20)=4.5; mask_away_clip bool=false",
        SOUND,
        "generate",
        "prompt=prompt negative_prompt=negative_prompt seed=seed duration=duration",
        {},
    ),
    (
        "cassetteai/sound-effects-generator",
        "prompt* str; duration* int(1..30)",
        "audio_file* File",
        "generate",
        "prompt=prompt duration=duration",
        {},
    ),
    (
        "cassetteai/music-generator",
        "prompt* str; duration* int(10..180)",
        "audio_file* File",
        "generate",
        "prompt=prompt duration=duration",
        {},
    ),
    (
        "fal-ai/lyria2",
        'prompt* str(minLength=1, maxLength=2000); negative_prompt str="low quality"; seed int|null',
        SOUND,
        "generate",
        "prompt=prompt negative_prompt=negative_prompt seed=seed",
        {},
    ),
    (
        "fal-ai/lyria3/pro",
        'prompt* str(minLength=1, maxLength=5000); negative_prompt str=""; image_url str|null',
        "audio* File; lyrics str|null",
        "generate",
        "prompt=prompt negative_prompt=negative_prompt",
        {},
    ),
    (
        "sonilo/v1.1/text-to-music",
        "prompt* str; duration int(1..600)=90; num_samples int(1..3)=1",
        "audio* File; audios* [File]",
        "generate",
        "prompt=prompt duration=duration count=num_samples",
        {},
    ),
    (
        "fal-ai/ffmpeg-api/merge-audios",
        f"audio_urls* [str](minItems=2, maxItems=5); output_format {FORMATS}|null",
        SOUND,
        "other",
        "output_format=output_format",
        {},
    ),
    (
        "fal-ai/workflow-utilities/audio-compressor",
        "audio_url* str(max_file_size=60000000); threshold num(-60..0)=-18; ratio num(1..20)=3; "
        f"attack num(0.01..2000)=5; release num(0.01..9000)=50; makeup num(0..64)=8; knee num(1..8)=2.83; {LOUDNESS}",
        SOUND,
        "vary",
        "source=audio_url bitrate=output_bitrate",
        {},
    ),
    (
        "fal-ai/workflow-utilities/impulse-response",
        "audio_url* str(max_file_size=60000000); impulse_response_url* str(max_file_size=60000000); "
        "dry_level num(0..1)=0.7; wet_level num(0..1)=0.3; loudness_i num(-70..0)=-18; loudness_lra num(1..50)=8; "
        f"loudness_tp num(-10..0)=-1.5; {LOUDNESS}",
        SOUND,
        "vary",
        "source=audio_url reference=impulse_response_url bitrate=output_bitrate",
        {},
    ),
    (
        "fal-ai/controlfoley",
        'video_url* str; prompt str=""; negative_prompt str=""; reference_audio_url str|null; duration num(1..30)=8; '
        "num_inference_steps int(4..100)=25; guidance_scale num(0..20)=4.5; mask_away_clip bool=false; seed int|null",
        "video* File; audio* File; seed* int",
        "generate",
        "prompt=prompt negative_prompt=negative_prompt reference=reference_audio_url duration=duration seed=seed",
        {},
    ),
    (
        "mirelo-ai/sfx-v1.5/video-to-audio",
        "video_url* str(minLength=1, maxLength=2083, format=uri); text_prompt str|null; num_samples int(2..8)|null=2; "
        "seed int(1..)|null=8069; duration num(1..10)|null=10; start_offset num(0..)|null=0",
        SOUNDS,
        "generate",
        "prompt=text_prompt count=num_samples seed=seed duration=duration",
        {},
    ),
    # Newer ones, of which no limits are known.
    (
        "sonilo/v1.1/video-to-sound-effects",
        'audio_format {wav/mp3/aac/flac}="aac"; prompt str; segments [Segment]; video_url* str',
        "audio* File; audios* [File]",
        "generate",
        "prompt=prompt output_format=audio_format",
        {"Segment": "start* num; end* num; prompt str"},
    ),
    (
        "fal-ai/zonos2",
        'accurate_mode bool=true; language str="en_us"; reference_audio_url* str; seed int; '
        'text str="Hello."; top_k num=106',
        "audio* File; seed* int",
        "generate",
        "prompt=text reference=reference_audio_url seed=seed",
        {},
    ),
    (
        "fal-ai/ltx-2.3-quality/text-to-audio/lora",
        "frames_per_second num=24; guidance_scale num=1; loras* [LoRA](maxItems=3); num_frames num=121; prompt* str; "
        "seed int; sync_mode bool",
        "audio* File; prompt* str; seed* int",
        "generate",
        "prompt=prompt seed=seed loras=loras sync=sync_mode",
        {"LoRA": 'path* str; weight_name str; scale num=1; target {dit/conditioner/both}="dit"'},
    ),
    # Gone, but of a shape that may come back.
    (
        "sonauto/v2/inpaint",
        "audio_url* str; lyrics_prompt* str; sections* [Section](minItems=1, maxItems=1); selection_crop bool; "
        "tags [str]; balance_strength num=0.7; prompt_strength num=2; num_songs int=1; seed int; "
        'output_format {wav/mp3}="wav"',
        "audio* [File]; seed* int; tags [str]; lyrics str",
        "fill",
        "source=audio_url lyrics=lyrics_prompt mask_start=sections[].start mask_end=sections[].end tags=tags "
        "count=num_songs output_format=output_format seed=seed",
        {"Section": "start* num; end* num"},
    ),
)

_TYPES = {"str": "string", "int": "integer", "num": "number", "bool": "boolean", "None": "null"}
_FIELD = re.compile(
    r"(?P<name>\w+)(?P<required>\*?) (?P<type>\[.*?\](?=$|[|(=])|\{[^}]*\}(?::integer)?|\w+)(?P<limits>\([^)]*\))?"
    r"(?P<or>(?:\|\w+)*)(?:=(?P<default>.*))?"
)


def _limits(told: str) -> dict:
    found: dict = {}
    for each in filter(None, told.strip("()").split(", ")):
        if ".." in each:
            low, high = each.split("..")
            found |= {word: json.loads(end) for word, end in (("minimum", low), ("maximum", high)) if end}
        else:
            word, value = each.split("=")
            found[word] = json.loads(value) if value.isdigit() else value
    size = found.pop("max_file_size", None)
    return found if size is None else {**found, "x-fal": {"max_file_size": size}}


def _type(told: str) -> dict:
    if told.startswith("["):
        return {"type": "array", "items": _type(told[1:-1])}
    if told.startswith("{"):
        choices, _, kind = told.partition("}")
        values = choices[1:].split("/")
        whole = kind == ":integer"
        return {"type": "integer" if whole else "string", "enum": [int(v) for v in values] if whole else values}
    return {"type": _TYPES[told]} if told in _TYPES else {"$ref": f"#/components/schemas/{told}"}


def component(told: str) -> dict:
    """An object's schema, as the hosts write one: order told apart from properties that lie in no order."""
    properties, required = {}, []
    for each in told.split("; "):
        found = _FIELD.fullmatch(each)
        assert found is not None, each
        schema = {**_type(found["type"]), **_limits(found["limits"] or "")}
        others = [_type(one) for one in found["or"].split("|")[1:] if one != "null"]
        null = [{"type": "null"}] if "|null" in found["or"] else []
        outer = {"anyOf": [schema, *others, *null]} if others or null else schema
        if found["default"] is not None:
            outer["default"] = json.loads(found["default"])
        if found["required"]:
            required.append(found["name"])
        properties[found["name"]] = {**outer, "title": found["name"].replace("_", " ").title()}
    order = list(properties)
    scrambled = {name: properties[name] for name in sorted(order, reverse=True)}
    return {"type": "object", "x-fal-order-properties": order, "required": required, "properties": scrambled}


def document(endpoint: str, inputs: str, outputs: str, nested: dict[str, str]) -> dict:
    """The OpenAPI document of these facts, built like the hosted ones."""

    def content(name: str) -> dict:
        return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}

    schemas = {"In": inputs, "Out": outputs, "File": FILE, **nested}
    return {
        "openapi": "3.0.4",
        "info": {"title": f"Queue OpenAPI for {endpoint}", "x-fal-metadata": {"endpointId": endpoint}},
        "paths": {
            f"/{endpoint}/requests/{{request_id}}": {"get": {"responses": {"200": content("Out")}}},
            f"/{endpoint}": {"post": {"requestBody": content("In")}},
        },
        "components": {"schemas": {name: component(told) for name, told in schemas.items()}},
    }
