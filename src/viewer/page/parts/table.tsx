import type { ComponentChildren } from "preact";

type TableOptions = { columns: readonly string[]; caption?: string; class?: string; children: ComponentChildren };

/** A table with these columns; `children` are its rows. */
export const Table = ({ columns, caption, children, class: name }: TableOptions) => (
  <table {...(name === undefined ? {} : { class: name })}>
    {caption !== undefined && <caption>{caption}</caption>}
    <thead>
      <tr>
        {columns.map((column) => (
          <th key={column} scope="col">
            {column}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>{children}</tbody>
  </table>
);
