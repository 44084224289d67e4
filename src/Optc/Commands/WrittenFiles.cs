namespace Optc.Cli.Commands;

/// <summary>Refuses files that a command could not write, or that would destroy what it reads, before anything is read, solved or opened.</summary>
internal static class WrittenFiles
{
    /// <summary>Looks at the files to write, each with the option that names it, beside those that are read.</summary>
    /// <exception cref="UsageException">Two of them are the same, or a name is empty.</exception>
    /// <exception cref="IOException">There is no such folder, or the file is a folder.</exception>
    public static void Check(IEnumerable<string> read, params (string Option, string? File)[] written)
    {
        var taken = new Dictionary<string, string>(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        foreach (string file in read.Where(f => f.Length > 0)) taken[Place(file)] = "which is read";
        foreach ((string option, string? file) in written)
        {
            if (file is null) continue;
            if (file.Length == 0) throw new UsageException($"{option} takes a file, not ''");
            string place = Place(file);
            if (taken.TryGetValue(place, out string? use)) throw new UsageException($"{option} would overwrite '{file}', {use}; give it another name");
            taken[place] = $"which {option} writes, too";
            if (Directory.Exists(place)) throw new IOException($"'{file}' cannot be written: it is a directory");
            if (Path.GetDirectoryName(place) is { Length: > 0 } folder && !Directory.Exists(folder))
                throw new IOException($"'{file}' cannot be written: there is no folder '{folder}'");
        }
    }

    /// <summary>The full path, links followed.</summary>
    private static string Place(string file)
    {
        string path = Path.GetFullPath(file);
        return new FileInfo(path).LinkTarget is not null && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? target.FullName : path;
    }
}
