using Optc.Cli;

return ConsoleEntry.Run(args);
