namespace Optc.Runtime.Readers;

/// <summary>What is wrong with an MPS or QPS file, where, and what to do about it.</summary>
public sealed class MpsFormatException : FormatException
{
    /// <summary>An error in a line (from 1; 0 when it belongs to no line).</summary>
    public MpsFormatException(int line, string cause, string remedy)
        : base(line > 0 ? $"line {line}: {cause}" : cause)
    {
        Line = line;
        Remedy = remedy;
    }

    /// <summary>The line from 1; 0 when the error belongs to none.</summary>
    public int Line { get; }

    /// <summary>What to do about it.</summary>
    public string Remedy { get; }

    /// <summary>Whether the other layout of fields could read the line: fields were too many, too few, or unknown.</summary>
    internal bool IsLayout { get; init; }
}
