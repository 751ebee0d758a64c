"""What a report on certified classifiers is: settings, results, words, files."""
