import { Text, type AnyNode, type ChildNode, type Element, type ParentNode } from "domhandler";

/** Each element below a node, in the order of the page, at any depth; one that was taken out meanwhile is passed over. */
export function* elementsOf(root: ParentNode): Generator<Element> {
  const waiting: AnyNode[] = [...root.children].reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (!("children" in next) || next.parent === null) continue;
    if ("attribs" in next) yield next;
    for (let child = next.children.length - 1; child >= 0; child--) waiting.push(next.children[child] as AnyNode);
  }
}

/** The first characters of the text below a node, at most about `most`, with its white space. */
export function textWithin(node: AnyNode, most = 10_000): string {
  let text = "";
  const waiting: AnyNode[] = [node];
  for (let next = waiting.pop(); next !== undefined && text.length < most; next = waiting.pop()) {
    if (next.type === "text") text += next.data;
    else if ("children" in next) {
      for (let child = next.children.length - 1; child >= 0; child--) waiting.push(next.children[child] as AnyNode);
    }
  }
  return text;
}

/** Takes nodes out of a tree, all at once: one at a time takes the square of the time where they are siblings. */
export function takeOut(nodes: ReadonlySet<AnyNode>): void {
  const parents = new Set([...nodes].map((node) => node.parent).filter((parent) => parent !== null));
  for (const parent of parents)
    setChildren(
      parent,
      parent.children.filter((child) => !nodes.has(child)),
    );
  for (const node of nodes) node.parent = null;
}

/** Makes these the children of a node, instead of those that it has. */
export function setChildren(parent: ParentNode, children: readonly ChildNode[]): void {
  for (const [at, child] of children.entries()) {
    child.parent = parent;
    child.prev = children[at - 1] ?? null;
    child.next = children[at + 1] ?? null;
  }
  parent.children = [...children];
}

/** Makes an element say this text, and be what `name` says where it is given. */
export function setText(element: Element, text: string, name = element.name): void {
  element.name = name;
  setChildren(element, text === "" ? [] : [new Text(text)]);
}
