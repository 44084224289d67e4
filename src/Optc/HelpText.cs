using System.CommandLine;
using Optc.Cli.Commands;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.Admm;
using Optc.Runtime.Solvers.Asynchronous;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Optc.Runtime.Solvers.Bilevel;
using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.Consensus;
using Optc.Runtime.Solvers.CoordinateDescent;
using Optc.Runtime.Solvers.Projections;

namespace Optc.Cli;

/// <summary>The help: it teaches by examples.</summary>
internal static class HelpText
{
    private const string Introduction = """
        optc solves optimization models written as text.

        A model names its data, its variables, an objective and constraints. Save this as mix.opt:

          set ORE := {"iron", "copper"};
          param price {ORE};                          # data, given below
          param ash {o in ORE} := if o = "iron" then 0.04 else 0.02;
          var x {ORE} >= 0, := 1;                     # decision variables with bounds and a start
          minimize cost: sum {o in ORE} (price[o]*x[o] + x[o]^2);
          subject to amount: sum {o in ORE} x[o] = 10;
          subject to purity: sum {o in ORE} ash[o]*x[o] <= 0.03*10;
          data;
          param price := iron 3 copper 5;

        and solve it:

          optc solve mix.opt
        """;

    /// <summary>The help of the program.</summary>
    public static void WriteProgram(TextWriter writer, IReadOnlyList<CommandEntry> commands)
    {
        writer.WriteLine(Introduction);
        writer.WriteLine();
        writer.WriteLine("Commands:");
        foreach (CommandEntry entry in commands) writer.WriteLine($"  optc {entry.Command.Name,-8} {entry.Command.Description}");
        writer.WriteLine();
        writer.WriteLine("  optc FILE…     is short for optc solve FILE…");
        writer.WriteLine("  optc COMMAND --help explains a command; optc --version prints the version.");
        writer.WriteLine();
        writer.WriteLine("Exit codes: 0 done, 1 model, data or file wrong, 2 wrong usage, 3 infeasible, 4 unbounded, 5 limit or interrupt,");
        writer.WriteLine("6 numerical failure, a function that cannot be evaluated, or wrong derivatives.");
    }

    /// <summary>The help of a command.</summary>
    public static void WriteCommand(TextWriter writer, CommandEntry entry)
    {
        writer.WriteLine(entry.Command.Description);
        writer.WriteLine();
        writer.WriteLine($"Usage: optc {entry.Usage}");
        writer.WriteLine();
        writer.WriteLine(entry.Details);
        writer.WriteLine();
        writer.WriteLine("Examples:");
        int width = entry.Examples.Max(e => e.Line.Length);
        foreach ((string line, string meaning) in entry.Examples) writer.WriteLine($"  {line.PadRight(width)}   {meaning}");
        writer.WriteLine();
        writer.WriteLine("Options:");
        foreach (Option option in entry.Command.Options) WriteOption(writer, option);
        if (entry.Command.Options.All(o => o.Name != "--option")) return;
        WriteOptions(writer, "Solver options (--option k=v) of auglag, also below mpcc and bilevel:", AugmentedLagrangianOptions.Table);
        WriteEntries(writer, BilevelOptions.Table);
        if (entry.Command.Name != "solve") return;
        WriteOptions(writer, "Solver options of cd where the objective is a loss of linear forms:", CompositeOptions.Table);
        WriteOptions(writer, "Solver options of cd for any smooth objective with separable penalties, and for losses when one of them is given:", BlockOptions.Table);
        WriteOptions(writer, "Solver options of cd by workers, each with a block, where second derivatives have a bound; any but tolerance and max_epochs asks for them:", AsynchronousOptions.Table);
        WriteOptions(writer, "Solver options of admm, which solves QPS and MPS files unless another solver is named:", AdmmOptions.Table);
        WriteOptions(writer, "Solver options of admm over blocks, for models that declare them or are no quadratic programs:", ConsensusOptions.Table);
        WriteOptions(writer, "Solver options of projections, for models without an objective:", ProjectionOptions.Table);
    }

    private static void WriteOptions<T>(TextWriter writer, string title, OptionTable<T> table)
        where T : new()
    {
        writer.WriteLine();
        writer.WriteLine(title);
        WriteEntries(writer, table);
    }

    private static void WriteEntries<T>(TextWriter writer, OptionTable<T> table)
        where T : new()
    {
        foreach (OptionEntry<T> option in table.Entries) writer.WriteLine($"  {option.Name,-22} {option.Description}; {option.Range}; default {option.Default}");
    }

    private static void WriteOption(TextWriter writer, Option option)
    {
        string name = string.Join(", ", option.Aliases.Prepend(option.Name)) + (option.HelpName is { } value ? " " + value : "");
        string fallback = option.HasDefaultValue && option.ValueType != typeof(bool) && option.GetDefaultValue() is { } given and not Array ? $" (default {given})" : "";
        if (name.Length <= 22) writer.WriteLine($"  {name,-22} {option.Description}{fallback}");
        else writer.WriteLine($"  {name}\n  {"",-22} {option.Description}{fallback}");
    }
}
