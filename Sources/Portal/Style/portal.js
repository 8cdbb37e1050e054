// Comfort only: everything works without this file.
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
