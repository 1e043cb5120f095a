"""Named profiles of recognisers, models and CRM, from a file that is read anew at each job."""
