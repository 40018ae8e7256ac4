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

  const MANY = 100; // from so many on, only what needs a look is shown at first
  const faulty = (item) => ["bad", "warn"].includes(item.dataset.tone) || item.querySelector("summary .bad");
  const changed = (item) => item.querySelector("summary .note");
  const lists = new Map(); // from a list to what shows all of it

  // One bar of controls for a table or a list: a search, buttons that show a part of it, and its own last one.
  const controls = (bar) => {
    const list = document.getElementById(bar.dataset.for);
    const items = list.tBodies ? [...list.tBodies[0].rows] : [...list.children];
    const texts = items.map((item) => item.textContent.toLowerCase());
    const search = make("input", { type: "search", placeholder: "Search" });
    search.setAttribute("aria-label", "Search " + bar.dataset.for.split("-")[0]);
    const shown = make("span", { className: "shown" });
    shown.setAttribute("role", "status");
    const parts = { All: () => true, "With faults": faulty, ...(list.tBodies ? {} : { Changed: changed }) };
    let part = "All";
    let dimension = "";
    const show = () => {
      const wanted = search.value.trim().toLowerCase();
      let count = 0;
      items.forEach((item, place) => {
        const fits = parts[part](item) && texts[place].includes(wanted) && (!dimension || item.dataset.dimension === dimension);
        item.hidden = !fits;
        count += fits;
      });
      for (const each of buttons) each.setAttribute("aria-pressed", String(each.textContent === part));
      shown.textContent = count === items.length ? "" : `${count} of ${items.length}`;
    };
    const choose = (name) => {
      part = name;
      show();
    };
    const buttons = Object.keys(parts).map((name) => {
      const button = make("button", { type: "button" }, name);
      button.addEventListener("click", () => choose(name));
      return button;
    });
    search.addEventListener("input", show);
    bar.append(search, ...buttons);
    if (list.tBodies) {
      const names = [...new Set(items.map((row) => row.dataset.dimension))].sort();
      const select = make("select", {}, make("option", { value: "" }, "every dimension"), ...names.map((name) => make("option", {}, name)));
      select.setAttribute("aria-label", "Dimension");
      select.addEventListener("change", () => {
        dimension = select.value;
        show();
      });
      bar.append(select);
    } else {
      const fold = make("button", { type: "button" }, "Unfold all");
      fold.addEventListener("click", () => {
        const open = fold.textContent === "Unfold all";
        for (const item of items) item.open = open && !item.hidden;
        fold.textContent = open ? "Fold all" : "Unfold all";
      });
      bar.append(fold);
    }
    bar.append(shown);
    bar.hidden = false;
    choose(items.length > MANY && items.some(faulty) ? "With faults" : "All");
    lists.set(list, () => {
      search.value = "";
      choose("All");
    });
  };
  for (const bar of document.querySelectorAll(".controls")) controls(bar);

  // A link to something folded or filtered away shows it.
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!target || target.tagName !== "DETAILS") return;
    if (target.hidden) lists.get(target.parentNode)?.();
    target.open = true;
    target.scrollIntoView();
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
