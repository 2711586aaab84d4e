"use strict";
// Everything works without this: it only says sooner what happens, and spares the typing.
(() => {
  // A picture that is not there leaves the letter behind it.
  addEventListener("error", (event) => {
    if (event.target instanceof HTMLImageElement) event.target.remove();
  }, true);
  for (const image of document.images) {
    if (image.complete && image.naturalWidth === 0 && image.loading !== "lazy") image.remove();
  }

  // Only the browser knows how it got here.
  const address = document.getElementById("address");
  if (address) {
    const url = new URL(address.dataset.root, location.href).href.replace(/\/+$/, "");
    address.textContent = url;
    for (const place of document.querySelectorAll("[data-address]")) place.textContent = url;
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not copied";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }

  const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

  async function answer(response) {
    try { return await response.json(); } catch { return {}; }
  }

  // Asks until the new answer is there.
  async function follow(url, say) {
    for (let tries = 0; tries < 200; tries++) {
      // What a cache kept of the time before is another address.
      const response = await fetch(`${url}?refreshed=${Date.now()}`, { cache: "no-store" });
      if (response.ok) return true;
      const { error, queue } = await answer(response);
      if (![429, 502, 503, 504].includes(response.status)) {
        say(error ?? `Status ${response.status}`);
        return false;
      }
      const wait = Math.min(Math.max(Number(response.headers.get("Retry-After")) || 3, 2), 15);
      say(queue ? `Number ${queue.place} of those that wait, about ${queue.seconds} s` : `${error ?? "Not yet"}; asking again`);
      await pause(wait);
    }
    say("Still not there; it goes on without this page");
    return false;
  }

  for (const form of document.querySelectorAll("form[data-refresh]")) {
    const button = form.querySelector("button");
    const status = form.querySelector("[role=status]");
    const say = (text) => { status.textContent = text; };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      say("Asking…");
      try {
        const headers = { "X-Requested-With": "linernotes" };
        const key = form.elements.key;
        if (key) headers["X-Api-Key"] = key.value;
        const response = await fetch(form.dataset.refresh, { method: "POST", headers });
        if (!response.ok) {
          const { error } = await answer(response);
          say(response.status === 401 ? "This key does not fit" : error ?? `Status ${response.status}`);
        } else {
          say("MusicBrainz is being asked…");
          if (await follow(form.dataset.json, say)) {
            say("Here it is");
            location.reload();
          }
        }
      } catch {
        say("The server cannot be reached");
      }
      button.disabled = false;
    });
  }
})();
