using Optc.Runtime.Solvers.Asynchronous;
using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// The options of <c>cd</c>, which has three kernels: one for losses of linear forms, one of rules and blocks for everything else, and one of
/// workers that update blocks from old points. Naming an option that only the second or third has chooses it.
/// </summary>
public static class CoordinateOptions
{
    /// <summary>Options that the dual averagings have no use for.</summary>
    private static readonly string[] DescentAlone = ["rule", "update", "finish", "variable", "proximal"];

    /// <summary>An option that only the kernel of rules and blocks has, among the given names; null when there is none.</summary>
    public static string? FirstOfBlocks(IEnumerable<string> names) => names.FirstOrDefault(name => IsIn(BlockOptions.Table, name) && !IsIn(CompositeOptions.Table, name));

    /// <summary>An option that only workers have, among the given names; null when there is none.</summary>
    public static string? FirstOfWorkers(IEnumerable<string> names) =>
        names.FirstOrDefault(name => IsIn(AsynchronousOptions.Table, name) && !IsIn(BlockOptions.Table, name) && !IsIn(CompositeOptions.Table, name));

    /// <summary>An option that only the kernel for losses has, among the given names; null when there is none.</summary>
    public static string? FirstOfLosses(IEnumerable<string> names) => names.FirstOrDefault(name => IsIn(CompositeOptions.Table, name) && !IsIn(BlockOptions.Table, name));

    /// <summary>Tries the options; throws <see cref="ArgumentException"/> with a remedy for what is wrong or does not go together.</summary>
    public static void Check(IReadOnlyList<KeyValuePair<string, string>> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string[] names = [.. options.Select(o => o.Key)];
        if (FirstOfWorkers(names) is { } workers)
        {
            if (names.FirstOrDefault(name => !IsIn(AsynchronousOptions.Table, name) && (IsIn(BlockOptions.Table, name) || IsIn(CompositeOptions.Table, name))) is { } other)
                throw new ArgumentException($"Option {other} is not one of updates by workers, which option {workers} asks for: leave one of them out.");
            options.Aggregate(new AsynchronousOptions(), (all, o) => AsynchronousOptions.Table.With(all, o.Key, o.Value)).Validate();
            return;
        }
        if (FirstOfBlocks(names) is not { } blocks)
        {
            options.Aggregate(new CompositeOptions(), (all, o) => CompositeOptions.Table.With(all, o.Key, o.Value));
            return;
        }
        if (FirstOfLosses(names) is { } losses) throw new ArgumentException($"Option {losses} is for losses of linear forms without rules and blocks, which option {blocks} asks for: leave one of them out.");
        BlockOptions chosen = options.Aggregate(new BlockOptions(), (all, o) => BlockOptions.Table.With(all, o.Key, o.Value));
        chosen.Validate();
        if (chosen.IsAveraging && names.FirstOrDefault(n => DescentAlone.Contains(n, StringComparer.OrdinalIgnoreCase)) is { } idle)
            throw new ArgumentException($"Option {idle} is for descent by blocks, in whose place acceleration={options.Last(o => string.Equals(o.Key, "acceleration", StringComparison.OrdinalIgnoreCase)).Value} works: leave one of them out.");
    }

    private static bool IsIn<T>(OptionTable<T> table, string name)
        where T : new() => table.Entries.Any(e => string.Equals(e.Name, name, StringComparison.OrdinalIgnoreCase));
}
