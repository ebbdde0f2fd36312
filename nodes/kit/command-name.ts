/** Discord's names of commands and options (application-commands page); lower case is required where a script has it. */
const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;

export const isCommandName = (word: string): boolean => NAME.test(word) && word === word.toLowerCase();

/** The words of a command as one writes it, with or without its slash. */
export const commandWords = (command: string): string[] => command.trim().replace(/^\//, '').split(/\s+/);
