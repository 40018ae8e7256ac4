"use strict";
// Searching in what the page holds already; without it everything can still be read.
(() => {
  const box = document.getElementById("search");
  if (!box) return;
  const items = [...document.querySelectorAll("[data-find]")];
  const texts = items.map((item) => item.dataset.find.toLowerCase());
  const shown = document.getElementById("shown");
  const show = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    items.forEach((item, place) => {
      const fits = words.every((word) => texts[place].includes(word));
      item.hidden = !fits;
      count += fits;
    });
    shown.textContent = words.length ? `${count} of ${items.length}` : "";
  };
  box.addEventListener("input", show);
  for (const tag of document.querySelectorAll("button[data-tag]")) {
    tag.disabled = false;
    tag.addEventListener("click", () => {
      box.value = tag.dataset.tag;
      show();
    });
  }
  box.closest(".controls").hidden = false;
})();
