import type { ChildNode, Element, ParentNode } from "domhandler";
import { elementsOf, setChildren } from "./nodes.js";

/**
 * Puts the text of shadow roots that a page holds (`<template shadowrootmode>`) where a browser shows it: in place of its
 * host's children, which stand in the root's slots.
 */
export function openShadowRoots(root: ParentNode): void {
  const templates = [...elementsOf(root)].filter(
    ({ name, attribs }) =>
      name === "template" && /^(?:open|closed)$/i.test(attribs["shadowrootmode"] ?? attribs["shadowroot"] ?? ""),
  );
  // The innermost first, so that a root within a root is whole when it is moved.
  for (const template of templates.reverse()) {
    const host = template.parent as Element | null;
    if (host === null) continue;
    const light = host.children.filter((child) => child !== template && !isRoot(child));
    for (const slot of [...elementsOf(template)].filter(({ name }) => name === "slot")) {
      const name = slot.attribs["name"] ?? "";
      const assigned = light.filter((child) => slotOf(child) === name);
      if (assigned.some((child) => child.type !== "text" || child.data.trim() !== "")) setChildren(slot, assigned);
      slot.name = "span";
    }
    setChildren(host, template.children);
  }
}

const isRoot = (node: ChildNode): boolean => (node as Element).name === "template";

const slotOf = (node: ChildNode): string => ("attribs" in node ? (node.attribs["slot"] ?? "") : "");
