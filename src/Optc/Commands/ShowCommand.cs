using System.CommandLine;
using Optc.Cli.Rendering;
using Optc.Compiler;

namespace Optc.Cli.Commands;

/// <summary><c>optc show</c>: the model and what the compiler made of it.</summary>
internal sealed class ShowCommand
{
    private readonly ModelArguments _model = new();
    private readonly Option<bool> _latex = new("--latex") { Description = "formulas as LaTeX" };
    private readonly Option<bool> _derivatives = new("--derivatives") { Description = "first and second derivatives too" };
    private readonly CommandContext _context;

    private ShowCommand(CommandContext context) => _context = context;

    public static CommandEntry Create(CommandContext context)
    {
        var show = new ShowCommand(context);
        var command = new Command("show", "Show a model, its templates and their derivatives.");
        show._model.AddTo(command);
        command.Add(show._latex);
        command.Add(show._derivatives);
        return new CommandEntry(
            command,
            "show FILE… [--latex] [--derivatives] [options]",
            """
            Prints the declarations of the model and then its templates: each an expression that stands for all instances of an
            objective term or a constraint family, with what is common in it named t1, t2, ….
            """,
            [
                ("optc show hs071.opt --derivatives", "templates with gradient and Hessian entries"),
                ("optc show hs071.opt --latex", "the same formulas for a paper"),
            ],
            show.Run);
    }

    private int Run(ParseResult parsed)
    {
        LoadedModel loaded = Engine.Load(_model.Files(parsed), _model.Options(parsed, _context));
        DiagnosticText.Write(_context.Error, loaded.Diagnostics);
        if (loaded.HasErrors || loaded.Compiled is not { } compiled) return ExitCodes.ModelWrong;
        Show.write(_context.Out, compiled, parsed.GetValue(_latex), parsed.GetValue(_derivatives));
        return ExitCodes.Done;
    }
}
