"""Somebody outside: files that a house gave out, the program, and nothing else."""
import json
import os
import re
import subprocess

from conftest import BINARY

CHINESE = re.compile("[\u4e00-\u9fff]")

# What each finding says, in English and in Chinese; patterns, where it may say either of two things.
WORDS = {
    "leaf.missing": ("is missing", "缺少"),
    "leaf.order": ("reordered or repeated", "顺序被改或重复"),
    "leaf.count": ("were removed or added", "被删或被加"),
    "leaf.changed": ("changed or exchanged", "被改动或调换"),
    "log.shortened": ("its end was removed", "末尾被删"),
    "log.forked": ("forked", "分叉"),
    "log.unsigned-end": ("under no checkpoint", "没有检查点"),
    "log.line": ("line", "行"),
    "log.other": ("another log", "另一个日志"),
    "checkpoint.invalid": ("the checkpoint is not valid", "检查点无效"),
    "checkpoint.unknown-key": ("no known key signed", "没有已知密钥的签名"),
    "checkpoint.retired-key": ("had been retired", "已停用的密钥"),
    "checkpoint.other-log": ("belongs to another log", "属于另一个日志"),
    "consistency.no-proof": ("give a proof", "须给出证明"),
    "consistency.other-proof": ("the proof is not from", "证明不是从"),
    "receipt.form": ("not a receipt", "不是存证回执文件"),
    "receipt.changed": ("is not what its leaf was sealed over|the public leaf says something else",
                        "回执所载内容与存证摘要不符|公开内容与回执不符"),
    "receipt.not-in-log": ("the leaf is not in the log", "不在"),
    "notice.form": ("not a notice", "不是公示文件"),
    "notice.changed": ("the notice is not the one", "公示内容与存证的摘要不符"),
    "draw.rules": ("knows only the rules", "只认规则"),
    "draw.form": ("no protocol of a draw", "不是抽签记录"),
    "draw.plan": ("the plan is not the one", "方案与公布的摘要不符"),
    "draw.result": ("another result comes out", "重算结果不同"),
    "draw.not-in-log": ("the log has no such draw", "日志中没有这次抽签"),
    "draw.twice": ("drawn more than once", "抽取不止一次"),
    "draw.seed": ("the log has another seed", "种子与日志不符"),
    "draw.protocol": ("the hash of another protocol", "记录与日志的摘要不符"),
    "draw.seed-commitment": ("lacks the half that was committed to", "不含事先公布的那一半"),
    "draw.not-published-before": ("no checkpoint lies between", "没有检查点覆盖"),
}


class Outsider:
    # Findings that were compared as a person reads them.
    read = set()

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, name, content):
        """Writes a file: a text as it is, anything else as JSON."""
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), "utf-8")
        return path

    def run(self, *arguments):
        # Neither a house nor a setting of one: there is nothing in the folder but what was kept. A program that traps
        # need not write pages about it.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KECHUANG_")}
        return subprocess.run(
            [BINARY, "verify", *map(str, arguments)], capture_output=True, text=True, timeout=300, cwd=self.folder,
            env={**environment, "SWIFT_BACKTRACE": "enable=no"})

    def verify(self, *arguments):
        """The codes of what does not hold. It is said in both languages, to a person as to a program, and the program
        ends with 0 where all holds and with 1 where not."""
        done = self.run(*arguments, "--json")
        assert done.returncode in (0, 1) and not done.stderr, (arguments, done)
        answer = json.loads(done.stdout)
        faults, facts = answer["faults"], answer["facts"]
        assert done.returncode == (1 if faults else 0) and answer["holds"] == (not faults), (arguments, done)
        for fault in faults:
            english, chinese = WORDS[fault["code"]]
            assert re.search(english, fault["en"]) and re.search(chinese, fault["zh"]), fault
            assert not CHINESE.search(fault["en"]), fault
        # What does not hold is not called unchanged beside it.
        assert not any("unchanged" in fact for fact in facts) if faults else facts, answer
        codes = [fault["code"] for fault in faults]
        if (what := (arguments[0], *codes)) not in self.read:
            self.read.add(what)
            lines = [f"holds           {fact}" for fact in facts] + [
                f"DOES NOT HOLD   {fault['en']} / {fault['zh']}  [{fault['code']}]" for fault in faults]
            plain = self.run(*arguments)
            assert (plain.returncode, plain.stderr) == (done.returncode, ""), (arguments, plain)
            assert plain.stdout.splitlines() == lines, (arguments, plain)
        return codes
