"use strict";
// Sorting, searching, folding and copying of what the page holds already; without it everything can still be read.
(() => {
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  // A cell's value for sorting: its data-v where the text is not the value.
  const valueOf = (row, column, numeric) => {
    const cell = row.cells[column];
    const text = cell.dataset.v ?? cell.textContent.trim();
    return numeric ? Number(text) : text;
  };

  const sortBy = (table, header) => {
    const column = header.cellIndex;
    const numeric = header.dataset.sort === "number";
    const first = numeric && column > 0 ? "descending" : "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const order = header.getAttribute("aria-sort") === first ? other : first;
    for (const each of header.parentNode.cells) each.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const rows = [...table.tBodies[0].rows].map((row) => [valueOf(row, column, numeric), row]);
    rows.sort(([a], [b]) => sign * (a < b ? -1 : a > b ? 1 : 0));
    table.tBodies[0].append(...rows.map(([, row]) => row));
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    for (const header of table.tHead.rows[0].cells) {
      if (!header.dataset.sort) continue;
      const button = make("button", { type: "button" }, header.textContent);
      button.addEventListener("click", () => sortBy(table, header));
      header.replaceChildren(button);
    }
  }

  // One bar of controls for a table or a list: a search, and buttons that show a part of it.
  const controls = (bar) => {
    const target = document.getElementById(bar.dataset.for);
    const items = target.tBodies ? [...target.tBodies[0].rows] : [...target.children];
    const texts = items.map((item) => (item.querySelector("th, summary") ?? item).textContent.toLowerCase());
    const names = items.map((item) => item.textContent.toLowerCase());
    const search = make("input", { type: "search", placeholder: "Search" });
    search.setAttribute("aria-label", "Search " + bar.dataset.for.split("-")[0]);
    const shown = make("span", { className: "shown" });
    shown.setAttribute("role", "status");
    let only = () => true;
    const show = () => {
      const wanted = search.value.trim().toLowerCase();
      let count = 0;
      items.forEach((item, place) => {
        const fits = only(item) && (texts[place].includes(wanted) || names[place].includes(wanted));
        item.hidden = !fits;
        count += fits;
      });
      shown.textContent = count === items.length ? "" : `${count} of ${items.length}`;
    };
    search.addEventListener("input", show);
    bar.append(search);
    const parts = target.tBodies
      ? [["All", () => true], ["With faults", (row) => row.dataset.tone === "bad" || row.dataset.tone === "warn"]]
      : [["All", () => true], ["With faults", (field) => field.querySelector("summary .bad")], ["Changed", (field) => field.querySelector("summary .note")]];
    const buttons = parts.map(([label, test]) => {
      const button = make("button", { type: "button" }, label);
      button.setAttribute("aria-pressed", String(label === "All"));
      button.addEventListener("click", () => {
        only = test;
        for (const each of buttons) each.setAttribute("aria-pressed", String(each === button));
        show();
      });
      return button;
    });
    bar.append(...buttons);
    if (target.tBodies) {
      const dimensions = [...new Set(items.map((row) => row.dataset.dimension))].sort();
      const select = make("select", {}, make("option", { value: "" }, "every dimension"), ...dimensions.map((name) => make("option", {}, name)));
      select.setAttribute("aria-label", "Dimension");
      const base = () => only;
      let chosen = base();
      select.addEventListener("change", () => {
        const wanted = select.value;
        only = wanted ? (row) => row.dataset.dimension === wanted : () => true;
        for (const each of buttons) each.setAttribute("aria-pressed", String(!wanted && each === buttons[0]));
        show();
      });
      bar.append(select);
    } else {
      const fold = make("button", { type: "button" }, "Unfold all");
      fold.addEventListener("click", () => {
        const open = fold.textContent === "Unfold all";
        for (const item of items) item.open = open;
        fold.textContent = open ? "Fold all" : "Unfold all";
      });
      bar.append(fold);
    }
    bar.append(shown);
    bar.hidden = false;
  };
  for (const bar of document.querySelectorAll(".controls")) controls(bar);

  // A link to something folded unfolds it.
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") target.open = true;
  };
  addEventListener("hashchange", reveal);
  reveal();

  addEventListener("beforeprint", () => {
    for (const item of document.querySelectorAll("details")) item.open = true;
  });

  for (const block of document.querySelectorAll(".patch pre")) {
    if (!navigator.clipboard) break;
    const button = make("button", { type: "button", className: "copy" }, "Copy");
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.querySelector("code").textContent);
      button.textContent = "Copied";
    });
    block.append(button);
  }
})();
