"""An identity provider on a free port, as a process of its own: oidc-provider-mock, which is Authlib's OpenID Connect
server with a page on which anybody signs in as whom they like. Here it also holds its client to its secret and to PKCE
(RFC 7636)."""
import os
import pathlib
import subprocess
import sys
import time
import urllib.parse
import urllib.request

CLIENT, SECRET = "kechuang house", "a secret: of 100%"


class Provider:
    """Reached as `localhost`, while the house is at 127.0.0.1: another host for browsers."""

    def __init__(self, folder: pathlib.Path, port):
        self.port = port
        self.issuer = f"http://localhost:{port}"
        self.log = open(folder / "provider.log", "ab")
        self.process = None

    def start(self, seconds=60):
        """Each start makes a new key."""
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(self.port)], stdout=self.log, stderr=self.log,
            env={**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"})
        limit = time.monotonic() + seconds
        while time.monotonic() < limit and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.issuer}/jwks", timeout=10)
                return self
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(pathlib.Path(self.log.name).read_text())

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()

    @property
    def environment(self):
        """What the house is told of it."""
        return {
            "KECHUANG_OIDC_ISSUER": self.issuer, "KECHUANG_OIDC_CLIENT": CLIENT, "KECHUANG_OIDC_SECRET": SECRET,
            "KECHUANG_OIDC_NAME_ZH": "市民认证", "KECHUANG_OIDC_NAME_EN": "City ID",
        }


def application():
    import flask
    from authlib.oauth2.rfc7636 import CodeChallenge
    from oidc_provider_mock import _app

    challenges = {}

    class Challenge(CodeChallenge):
        def get_authorization_code_challenge(self, authorization_code):
            return challenges[authorization_code.code]["code_challenge"]

        def get_authorization_code_challenge_method(self, authorization_code):
            return challenges[authorization_code.code]["code_challenge_method"]

    class Grant(_app.AuthorizationCodeGrant):
        def save_authorization_code(self, code, request):
            super().save_authorization_code(code, request)
            assert request.payload.data["code_challenge_method"] == "S256"
            challenges[code] = request.payload.data

    class Code(_app.OpenIDCode):
        def __call__(self, grant):
            super().__call__(grant)
            Challenge(required=True)(grant)

    _app.AuthorizationCodeGrant, _app.OpenIDCode = Grant, Code
    made = _app.app(require_nonce=True, user_claims=[_app.User(sub="u-1", claims={"name": "林 <b>小明</b>"})])

    @made.before_request
    def know_the_client():
        if flask.request.path != "/oauth2/token":
            return None
        login = flask.request.authorization
        told = login and tuple(urllib.parse.unquote_plus(part) for part in (login.username, login.password))
        return None if told == (CLIENT, SECRET) else ({"error": "invalid_client"}, 401)

    @made.after_request
    def stay_here(response):
        # The pages name a style sheet of another host, which no test reaches.
        if response.mimetype == "text/html":
            response.set_data(response.get_data(as_text=True).replace("https://cdn.jsdelivr.net/", "/"))
        return response

    return made


if __name__ == "__main__":
    import uvicorn
    uvicorn.run(application(), interface="wsgi", host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
