// Comfort only: everything works without this file, but for security keys, beside which there are codes.
(() => {
  const english = document.documentElement.lang === "en";
  for (const area of document.querySelectorAll("textarea[data-most]")) {
    const most = Number(area.dataset.most);
    const count = document.createElement("p");
    count.className = "hint";
    count.setAttribute("aria-live", "polite");
    const show = () => {
      const left = most - [...area.value].length;
      count.textContent = english
        ? (left >= 0 ? `${left} characters left` : `${-left} characters too many`)
        : (left >= 0 ? `还可输入 ${left} 字` : `超出 ${-left} 字`);
    };
    area.after(count);
    area.addEventListener("input", show);
    show();
  }
  document.querySelector("#go-on form")?.requestSubmit();
  const bytes = text => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), one => one.charCodeAt(0));
  const base64 = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  // What a browser is to ask a key, and what the key answers, in the words of the house.
  const ask = async (ceremony, text) => {
    const options = JSON.parse(text);
    options.challenge = bytes(options.challenge);
    for (const key of options.allowCredentials ?? options.excludeCredentials) key.id = bytes(key.id);
    if (options.user) options.user.id = bytes(options.user.id);
    const { rawId, response } = await navigator.credentials[ceremony]({ publicKey: options });
    const client = base64(response.clientDataJSON);
    return ceremony === "create"
      ? { client, attestation: base64(response.attestationObject) }
      : { client, id: base64(rawId), data: base64(response.authenticatorData), signature: base64(response.signature) };
  };
  const refusal = problem => problem.name === "InvalidStateError"
    ? (english ? "This security key was added before." : "这个安全密钥已经添加过。")
    : (english ? "The security key was not used. Try again." : "没有用上安全密钥，请再试一次。");
  if (window.PublicKeyCredential) {
    for (const hint of document.querySelectorAll("[data-without-key]")) hint.hidden = true;
    for (const form of document.querySelectorAll("form[data-key]")) {
      form.hidden = false;
      const said = document.createElement("p");
      said.className = "hint";
      said.setAttribute("role", "status");
      form.querySelector(".buttons").append(said);
      form.addEventListener("submit", async event => {
        event.preventDefault();
        said.textContent = english ? "Waiting for the security key …" : "正在等待安全密钥……";
        try {
          form.elements["answer"].value = JSON.stringify(await ask(form.dataset.key, form.dataset.options));
          form.submit();
        } catch (problem) {
          said.textContent = refusal(problem);
        }
      });
    }
  }
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    const said = document.createElement("p");
    said.className = "hint";
    said.setAttribute("role", "status");
    form.querySelector(".buttons").append(said);
    let timer = 0;
    let busy = false;
    const save = async () => {
      if (busy) { timer = setTimeout(save, 1000); return; }
      busy = true;
      try {
        const answer = await fetch(form.dataset.autosave, { method: "POST", body: new URLSearchParams(new FormData(form)) });
        const result = await answer.json();
        if (answer.ok) {
          form.elements["revision"].value = result.revision;
          const time = new Date().toTimeString().slice(0, 5);
          said.textContent = english ? `Saved at ${time}` : `已于 ${time} 自动保存`;
        } else {
          said.textContent = result.detail;
        }
      } catch {
        said.textContent = english ? "Not saved: no connection. It will be tried again." : "未保存：网络中断，将自动重试。";
        timer = setTimeout(save, 10000);
      }
      busy = false;
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 2000); });
    form.addEventListener("submit", () => clearTimeout(timer));
  }
})();
