"""What a forger needs: hashes, trees and signatures of the record, from its published formats (docs/record.md) and
nothing of the house's program."""
import base64
import hashlib
import hmac
import json

# ---- Ed25519 (RFC 8032), as its own example has it

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE = -121665 * pow(121666, PRIME - 2, PRIME) % PRIME


def added(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % PRIME
    b = (one[1] + one[0]) * (other[1] + other[0]) % PRIME
    c = 2 * one[3] * other[3] * CURVE % PRIME
    d = 2 * one[2] * other[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def times(count, point):
    sum_ = (0, 1, 1, 0)
    while count:
        if count & 1:
            sum_ = added(sum_, point)
        point, count = added(point, point), count >> 1
    return sum_


def base_point():
    y = 4 * pow(5, PRIME - 2, PRIME) % PRIME
    square = (y * y - 1) * pow(CURVE * y * y + 1, PRIME - 2, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    x = PRIME - x if x & 1 else x
    return x, y, 1, x * y % PRIME


BASE = base_point()


def packed(point):
    inverse = pow(point[2], PRIME - 2, PRIME)
    x, y = point[0] * inverse % PRIME, point[1] * inverse % PRIME
    return (y | (x & 1) << 255).to_bytes(32, "little")


def number(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def scalar(seed):
    half = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    return half & ((1 << 254) - 8) | 1 << 254


def public_key(seed):
    return packed(times(scalar(seed), BASE))


def signature(seed, message):
    nonce = number(hashlib.sha512(seed).digest()[32:], message) % ORDER
    commitment = packed(times(nonce, BASE))
    challenge = number(commitment, public_key(seed), message) % ORDER
    return commitment + ((nonce + challenge * scalar(seed)) % ORDER).to_bytes(32, "little")


# ---- Signed notes and the file of keys

def key_number(name, seed):
    return hashlib.sha256(name.encode() + b"\n\x01" + public_key(seed)).digest()[:4]


def signature_line(name, seed, text, number_of=None):
    """A signature by a seed, under the number of another one where that is given."""
    return f"— {name} " + b64(key_number(name, number_of or seed) + signature(seed, text.encode())) + "\n"


def checkpoint(name, size, root, *seeds, signer=None):
    """A checkpoint of a log, signed with some seeds under its own name or another."""
    text = f"{name}\n{size}\n{b64(root)}\n"
    return text + "\n" + "".join(signature_line(signer or name, seed, text) for seed in seeds)


def key_file(name, *seeds):
    keys = [{"key": f"{name}+{key_number(name, seed).hex()}+{b64(bytes([1]) + public_key(seed))}", "until": None}
            for seed in seeds]
    return {"format": "kechuang-keys-1", "origin": name, "keys": keys}


def b64(raw):
    return base64.b64encode(raw).decode()


# ---- The tree (RFC 9162)

def leaf_hash(text):
    return hashlib.sha256(b"\0" + text).digest()


def half(count):
    return 1 << (count - 1).bit_length() - 1


def root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    middle = half(len(leaves))
    return hashlib.sha256(b"\1" + root(leaves[:middle]) + root(leaves[middle:])).digest()


def path(index, leaves):
    if len(leaves) < 2:
        return []
    middle = half(len(leaves))
    if index < middle:
        return path(index, leaves[:middle]) + [root(leaves[middle:])]
    return path(index - middle, leaves[middle:]) + [root(leaves[:middle])]


# ---- What is sealed

def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(part):
    """The hash of a part of a receipt, as the part itself shows it."""
    if "digest" in part:
        return part["digest"]
    return hmac.new(bytes.fromhex(part["key"]), canonical(part["value"]), hashlib.sha256).hexdigest()


def sealed(parts):
    return hashlib.sha256(canonical({name: digest(part) for name, part in parts.items()})).hexdigest()


def draw_commitment(plan):
    return hashlib.sha256(canonical(plan)).hexdigest()


# ---- Files of a log

class LogFile:
    """An exported log: its head, its leaves as they stand in the lines, and its checkpoints by size."""

    def __init__(self, text):
        # Not splitlines: a leaf may hold characters that Python takes for line ends.
        lines = text.rstrip("\n").split("\n")
        self.head = json.loads(lines[0])
        self.leaves, self.checkpoints = [], {}
        for line in lines[1:]:
            if line.startswith('{"checkpoint"'):
                self.checkpoints[len(self.leaves)] = json.loads(line)["checkpoint"]
            else:
                # The leaf is hashed as it stands, so it is cut out and not read.
                self.leaves.append(line.split(',"leaf":', 1)[1][:-1])

    @property
    def name(self):
        return self.head["origin"]

    def hashes(self, size=None):
        return [leaf_hash(leaf.encode()) for leaf in self.leaves[:size]]

    def index(self, kind, **content):
        """Where the first public event of a kind, with this content, stands."""
        events = (json.loads(leaf).get("event", {}) for leaf in self.leaves)
        return next(
            place for place, event in enumerate(events)
            if event.get("kind") == kind and content.items() <= event.get("content", {}).items())

    def signed_anew(self, seed):
        """Every checkpoint again, over the leaves as they are now."""
        self.checkpoints = {
            size: checkpoint(self.name, size, root(self.hashes(size)), seed) for size in self.checkpoints}
        return self

    def text(self):
        lines = [json.dumps(self.head)]
        for index, leaf in enumerate(self.leaves):
            lines.append(f'{{"index":{index},"leaf":{leaf}}}')
            if index + 1 in self.checkpoints:
                lines.append(json.dumps({"checkpoint": self.checkpoints[index + 1]}, ensure_ascii=False))
        return "\n".join(lines) + "\n"
