namespace Optc.Runtime.Readers;

/// <summary>How the fields of a data line are told apart.</summary>
public enum MpsLayout
{
    /// <summary>Separated by blanks; a file that cannot be read so is read again in fixed columns.</summary>
    Automatic,

    /// <summary>Separated by blanks; names have none inside.</summary>
    Free,

    /// <summary>In the columns 2-3, 5-12, 15-22, 25-36, 40-47, 50-61; names may have blanks inside.</summary>
    Fixed,
}
