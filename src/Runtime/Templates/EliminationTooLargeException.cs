namespace Optc.Runtime.Templates;

/// <summary>
/// Eliminating the stage values makes a matrix practically dense. The remedy is to declare the largest stage
/// values as variables with equations instead, which keeps the matrices sparse.
/// </summary>
public sealed class EliminationTooLargeException(string message) : ArgumentException(message);
