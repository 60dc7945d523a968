/** What a program inside learns of the environment: nothing that belongs to the user. */
export const plainEnvironment = (home: string): Record<string, string> => ({
  HOME: home,
  LANG: "C.UTF-8",
  TERM: "dumb",
  PYTHONUNBUFFERED: "1",
  PYTHONDONTWRITEBYTECODE: "1",
});
